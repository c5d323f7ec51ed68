// Every product with its intents: ours as an object for `hoox venue request`, theirs as a call of the other client.
//
// Of a product: where the other client reads its markets (markets/<name>.json answers that path), how it finds the test
// network (null: there is none), the receive window of our adapter, how the venue signs (scheme.mjs).

import { TIME } from "./client.mjs";

const ID = "AaIHnUTsCiGAr110lFcQQA";
const ORDER_ID = "400000000001";
const SYMBOL = "BTCUSDT";
const PRICE = "60000.1";

const spot = { pair: "BTC/USDT", units: (quantity) => Number(quantity) };
const linear = { pair: "BTC/USDT:USDT", units: (quantity) => Number(quantity) };

function entry(market, name, our, their = {}) {
  const intent = { kind: "order", symbol: SYMBOL, type: "MARKET", quantity: "0.01", clientOrderId: ID, ...our };
  const price = intent.type === "LIMIT" ? Number(intent.price) : undefined;
  const amount = market.units(intent.quantity);
  const ask = (client) => client.createOrder(market.pair, intent.type.toLowerCase(), intent.side.toLowerCase(), amount,
    price, { clientOrderId: ID, ...their });
  return { name, intent, ask };
}

/** Orders that every product knows. */
function plainOrders(market, { our = {}, their = {} } = {}) {
  return [
    entry(market, "market buy", { side: "BUY", ...our }, their),
    entry(market, "market sell", { side: "SELL", ...our }, their),
    entry(market, "limit buy", { side: "BUY", type: "LIMIT", price: PRICE, ...our }, their),
    entry(market, "limit sell", { side: "SELL", type: "LIMIT", price: PRICE, ...our }, their),
  ];
}

/** Orders that reduce, and both sides of hedge mode. A closing order in hedge mode names the side that it closes. */
function futuresOrders(market, { our = {}, their = {} } = {}) {
  const hedge = (name, side, positionSide, closes) =>
    entry(market, name, { side, positionSide, ...(closes ? { reduceOnly: true } : {}), ...our },
      { hedged: true, ...(closes ? { reduceOnly: true } : {}), ...their });
  return [
    ...plainOrders(market, { our, their }),
    entry(market, "reduce a long", { side: "SELL", reduceOnly: true, ...our }, { reduceOnly: true, ...their }),
    entry(market, "reduce a short", { side: "BUY", reduceOnly: true, ...our }, { reduceOnly: true, ...their }),
    entry(market, "reduce by limit", { side: "SELL", type: "LIMIT", price: PRICE, reduceOnly: true, ...our },
      { reduceOnly: true, ...their }),
    hedge("hedge: open long", "BUY", "LONG", false),
    hedge("hedge: close long", "SELL", "LONG", true),
    hedge("hedge: open short", "SELL", "SHORT", false),
    hedge("hedge: close short", "BUY", "SHORT", true),
  ];
}

function stop(market, name, our, their) {
  const intent = { kind: "stop", symbol: SYMBOL, quantity: "0.01", clientOrderId: ID, triggerPrice: "55000", ...our };
  const ask = (client) => client.createOrder(market.pair, "market", our.side.toLowerCase(), market.units("0.01"),
    undefined, { clientOrderId: ID, ...their });
  return { name, intent, ask };
}

/** A question of one kind about the symbol. */
function about(kind, name, ask, more = {}) {
  return { name, intent: { kind, symbol: SYMBOL, ...more }, ask };
}

/** One about the account, or one that needs no key. */
const plain = (kind, name, ask, more = {}) => ({ name, intent: { kind, ...more }, ask });
const open = (one) => ({ ...one, isPublic: true });
/** An order or a stop by the client's id. */
const byId = (kind, name, ask) => about(kind, name, ask, { clientOrderId: ID });

const quoteBuy = {
  name: "market buy for quote",
  intent: { kind: "order", symbol: SYMBOL, side: "BUY", type: "MARKET", quoteQuantity: "600", clientOrderId: ID },
  ask: (client) => client.createMarketBuyOrderWithCost(spot.pair, 600, { clientOrderId: ID }),
};

const binanceFutures = {
  name: "binance futures",
  client: { id: "binanceusdm", path: "/fapi/v1/exchangeInfo", types: ["linear"],
    answers: { "/fapi/v1/leverageBracket": [] } },
  testNetwork: (client) => client.enableDemoTrading(true),
  window: 2000,
  scheme: "appended",
  pair: linear.pair,
  intents: [
    ...futuresOrders(linear),
    byId("query", "query", (client) => client.fetchOrder(undefined, linear.pair, { clientOrderId: ID })),
    byId("cancel", "cancel", (client) => client.cancelOrder(undefined, linear.pair, { clientOrderId: ID })),
    about("fills", "fills", (client) => client.fetchMyTrades(linear.pair, undefined, 50, { orderId: ORDER_ID }),
      { orderId: ORDER_ID }),
    plain("equity", "equity", (client) => client.fetchBalance(), { asset: "USDT" }),
    open(plain("time", "time", (client) => client.fetchTime())),
    about("position", "position", (client) => client.fetchPositionsRisk([linear.pair], { symbol: SYMBOL })),
    about("leverage", "leverage", (client) => client.setLeverage(20, linear.pair), { leverage: 20 }),
    about("marginMode", "isolated margin", (client) => client.setMarginMode("isolated", linear.pair),
      { isolated: true }),
    about("marginMode", "cross margin", (client) => client.setMarginMode("cross", linear.pair), { isolated: false }),
    open(about("markPrice", "mark price", (client) => client.fetchMarkPrice(linear.pair))),
    about("positionMode", "position mode", (client) => client.fetchPositionMode(linear.pair)),
    about("setting", "setting", (client) => client.fetchMarginMode(linear.pair)),
    stop(linear, "stop of a long", { side: "SELL", stopKind: "STOP_LOSS" }, { stopLossPrice: 55000, reduceOnly: true }),
    stop(linear, "target of a short", { side: "BUY", stopKind: "TAKE_PROFIT" },
      { takeProfitPrice: 55000, reduceOnly: true }),
    stop(linear, "stop of a hedged long", { side: "SELL", stopKind: "STOP_LOSS", positionSide: "LONG" },
      { stopLossPrice: 55000, hedged: true, reduceOnly: true }),
    byId("stopQuery", "stop query", (client) =>
      client.fetchOrder(undefined, linear.pair, { clientOrderId: ID, trigger: true })),
    byId("stopCancel", "stop cancel", (client) =>
      client.cancelOrder(undefined, linear.pair, { clientOrderId: ID, trigger: true })),
  ],
};

const binanceSpot = {
  name: "binance spot",
  client: { id: "binance", path: "/api/v3/exchangeInfo", types: ["spot"], options: { fetchMargins: false } },
  testNetwork: (client) => client.setSandboxMode(true),
  window: 2000,
  scheme: "appended",
  pair: spot.pair,
  intents: [
    ...plainOrders(spot),
    byId("query", "query", (client) => client.fetchOrder(undefined, spot.pair, { clientOrderId: ID })),
    byId("cancel", "cancel", (client) => client.cancelOrder(undefined, spot.pair, { clientOrderId: ID })),
    about("fills", "fills", (client) => client.fetchMyTrades(spot.pair, undefined, 50, { orderId: ORDER_ID }),
      { orderId: ORDER_ID }),
    plain("equity", "equity", (client) => client.fetchBalance(), { asset: "USDT" }),
    about("position", "position", (client) => client.fetchBalance()),
    open(plain("time", "time", (client) => client.fetchTime())),
    open(about("markPrice", "last price", (client) => client.publicGetTickerPrice({ symbol: SYMBOL }))),
    plain("keyRights", "key rights", (client) => client.sapiGetAccountApiRestrictions()),
    stop(spot, "stop", { side: "SELL", stopKind: "STOP_LOSS" }, { stopLossPrice: 55000 }),
    stop(spot, "target", { side: "SELL", stopKind: "TAKE_PROFIT" }, { takeProfitPrice: 55000 }),
    byId("stopQuery", "stop query", (client) => client.fetchOrder(undefined, spot.pair, { clientOrderId: ID })),
    byId("stopCancel", "stop cancel", (client) => client.cancelOrder(undefined, spot.pair, { clientOrderId: ID })),
  ],
};

const unified = { enableUnifiedMargin: false, enableUnifiedAccount: true, unifiedMarginStatus: 6 };
const linked = { orderLinkId: ID };

/** What is asked the same way of both of its products. */
function bybitQuestions({ pair }) {
  return [
    byId("query", "query", (client) => client.fetchOrder(undefined, pair, { ...linked, acknowledged: true })),
    about("query", "query: history", (client) =>
      client.fetchCanceledAndClosedOrders(pair, undefined, undefined, { ...linked }), { clientOrderId: ID, stage: 1 }),
    about("query", "query: executions", (client) => client.fetchMyTrades(pair, undefined, 25, { ...linked }),
      { clientOrderId: ID, stage: 2 }),
    byId("cancel", "cancel", (client) => client.cancelOrder(undefined, pair, { ...linked })),
    about("fills", "fills", (client) => client.fetchMyTrades(pair, undefined, 25, { orderId: ORDER_ID }),
      { orderId: ORDER_ID }),
    plain("equity", "equity", (client) => client.fetchBalance({ coin: "USDT" }), { asset: "USDT" }),
    open(plain("time", "time", (client) => client.fetchTime())),
    open(about("markPrice", "mark price", (client) => client.fetchTicker(pair))),
    plain("keyRights", "key rights", (client) => client.privateGetV5UserQueryApi()),
  ];
}

const bybitFutures = {
  name: "bybit futures",
  client: { id: "bybit", path: "/v5/market/instruments-info", types: ["linear"], options: unified },
  testNetwork: (client) => client.setSandboxMode(true),
  window: 2000,
  scheme: "bybit",
  pair: linear.pair,
  intents: [
    ...futuresOrders(linear),
    ...bybitQuestions(linear),
    about("position", "position", (client) => client.fetchPosition(linear.pair)),
    about("positionMode", "position mode", (client) => client.fetchPosition(linear.pair)),
    about("setting", "setting", (client) => client.fetchLeverage(linear.pair)),
    about("leverage", "leverage", (client) => client.setLeverage(20, linear.pair), { leverage: 20 }),
    about("marginMode", "isolated margin", (client) => client.setMarginMode("isolated", linear.pair),
      { isolated: true }),
    about("marginMode", "cross margin", (client) => client.setMarginMode("cross", linear.pair), { isolated: false }),
    stop(linear, "stop of a long", { side: "SELL", stopKind: "STOP_LOSS" }, { stopLossPrice: 55000, reduceOnly: true }),
    stop(linear, "target of a short", { side: "BUY", stopKind: "TAKE_PROFIT" },
      { takeProfitPrice: 55000, reduceOnly: true }),
    stop(linear, "stop of a hedged long", { side: "SELL", stopKind: "STOP_LOSS", positionSide: "LONG" },
      { stopLossPrice: 55000, hedged: true, reduceOnly: true }),
    byId("stopQuery", "stop query", (client) =>
      client.fetchOpenOrders(linear.pair, undefined, undefined, { ...linked, trigger: true })),
    byId("stopHistory", "stop history", (client) =>
      client.fetchCanceledAndClosedOrders(linear.pair, undefined, undefined, { ...linked, trigger: true })),
    byId("stopCancel", "stop cancel", (client) => client.cancelOrder(undefined, linear.pair, { ...linked })),
  ],
};

const bybitSpot = {
  name: "bybit spot",
  client: { id: "bybit", path: "/v5/market/instruments-info", types: ["spot"], options: unified },
  testNetwork: (client) => client.setSandboxMode(true),
  window: 2000,
  scheme: "bybit",
  pair: spot.pair,
  intents: [
    ...plainOrders(spot),
    ...bybitQuestions(spot),
    about("position", "position", (client) => client.fetchBalance({ coin: "BTC" })),
    stop(spot, "stop", { side: "SELL", stopKind: "STOP_LOSS" }, { stopLossPrice: 55000 }),
    byId("stopQuery", "stop query", (client) =>
      client.fetchOpenOrders(spot.pair, undefined, undefined, { ...linked, trigger: true })),
    byId("stopHistory", "stop history", (client) =>
      client.fetchCanceledAndClosedOrders(spot.pair, undefined, undefined, { ...linked, trigger: true })),
    byId("stopCancel", "stop cancel", (client) =>
      client.cancelOrder(undefined, spot.pair, { ...linked, trigger: true })),
  ],
};

const contracts = { pair: linear.pair, units: (quantity) => Math.round(Number(quantity) / 0.0001) };
const margin = { our: { leverage: 5, isolated: true }, their: { leverage: 5, marginMode: "isolated" } };
const MEXC_SYMBOL = "BTC_USDT";
/* Plan orders of the last eight days, and by what one of them is known. */
const planOrders = { symbol: MEXC_SYMBOL, page_num: 1, page_size: 50, start_time: TIME - 8 * 86400000,
  end_time: TIME + 60000 };
const figures = { side: "SELL", stopKind: "STOP_LOSS", quantity: "0.01", triggerPrice: "55000" };

const mexcFutures = {
  name: "mexc futures",
  counts: true,
  client: { id: "mexc", path: "/api/v1/contract/detail", answers: { "/api/v3/exchangeInfo": { symbols: [] } } },
  testNetwork: null,
  window: 2000,
  scheme: "contract",
  pair: contracts.pair,
  intents: [
    ...futuresOrders(contracts, margin),
    entry(contracts, "market buy, cross", { side: "BUY", leverage: 5 }, { leverage: 5, marginMode: "cross" }),
    byId("query", "query", (client) =>
      client.contractPrivateGetOrderExternalSymbolExternalOid({ symbol: MEXC_SYMBOL, external_oid: ID })),
    byId("cancel", "cancel", (client) =>
      client.contractPrivatePostOrderCancelWithExternal({ symbol: MEXC_SYMBOL, externalOid: ID })),
    stop(contracts, "stop of a long", { side: "SELL", stopKind: "STOP_LOSS" },
      { triggerPrice: 55000, triggerType: 2, executeCycle: 2, orderType: 5, marginMode: "cross", reduceOnly: true }),
    stop(contracts, "target of an isolated short, by the mark price",
      { side: "BUY", stopKind: "TAKE_PROFIT", byMark: true, leverage: 5, isolated: true },
      { triggerPrice: 55000, triggerType: 2, executeCycle: 2, orderType: 5, trend: 2, leverage: 5,
        marginMode: "isolated", reduceOnly: true }),
    about("stopQuery", "stop query", (client) =>
      client.contractPrivateGetPlanorderListOrders({ ...planOrders, states: "1" }), figures),
    about("stopHistory", "stop history", (client) =>
      client.contractPrivateGetPlanorderListOrders({ ...planOrders, states: "2,3,4,5" }), { stopId: ORDER_ID }),
    about("stopCancel", "stop cancel", (client) =>
      client.contractPrivatePostPlanorderCancel([{ symbol: MEXC_SYMBOL, orderId: Number(ORDER_ID) }]),
      { stopId: ORDER_ID }),
    about("fills", "fills", (client) => client.fetchOrderTrades(ORDER_ID, contracts.pair), { orderId: ORDER_ID }),
    plain("equity", "equity", (client) => client.fetchBalance({ type: "swap" }), { asset: "USDT" }),
    open(plain("time", "time", (client) => client.fetchTime({ type: "swap" }))),
    open(about("markPrice", "mark price", (client) =>
      client.contractPublicGetFairPriceSymbol({ symbol: MEXC_SYMBOL }))),
    about("position", "position", (client) => client.fetchPositions([contracts.pair])),
    about("positionMode", "position mode", (client) => client.fetchPositionMode(contracts.pair)),
    about("setting", "setting", (client) => client.fetchLeverage(contracts.pair), { isolated: true }),
    about("setting", "setting: positions", (client) => client.fetchPositions([contracts.pair]), { stage: 1 }),
    about("leverage", "leverage of longs", (client) =>
      client.setLeverage(5, contracts.pair, { openType: 1, positionType: 1 }),
      { leverage: 5, positionSide: "LONG", isolated: true }),
    about("leverage", "leverage of shorts, cross", (client) =>
      client.setLeverage(5, contracts.pair, { openType: 2, positionType: 2 }),
      { leverage: 5, positionSide: "SHORT", isolated: false }),
    about("leverage", "leverage of a position", (client) =>
      client.setLeverage(5, contracts.pair, { positionId: 1234567890123 }),
      { leverage: 5, positionSide: "LONG", positionId: 1234567890123 }),
  ],
};

const mexcSpot = {
  name: "mexc spot",
  client: { id: "mexc", path: "/api/v3/exchangeInfo", answers: { "/api/v1/contract/detail": { data: [] } } },
  testNetwork: null,
  window: 2000,
  scheme: "appended",
  pair: spot.pair,
  intents: [
    ...plainOrders(spot).filter(({ name }) => name !== "market buy"),
    quoteBuy,
    byId("query", "query", (client) => client.fetchOrder(undefined, spot.pair, { clientOrderId: ID })),
    byId("cancel", "cancel", (client) => client.cancelOrder(undefined, spot.pair, { clientOrderId: ID })),
    about("fills", "fills", (client) => client.fetchMyTrades(spot.pair, undefined, 100, { orderId: ORDER_ID }),
      { orderId: ORDER_ID }),
    plain("equity", "equity", (client) => client.fetchBalance(), { asset: "USDT" }),
    about("position", "position", (client) => client.fetchBalance()),
    open(plain("time", "time", (client) => client.fetchTime())),
    open(about("markPrice", "last price", (client) => client.spotPublicGetTickerPrice({ symbol: SYMBOL }))),
  ],
};

export const products = [binanceFutures, binanceSpot, bybitFutures, bybitSpot, mexcFutures, mexcSpot];
