"""The same cases at every venue and product: what a case written for Binance futures says, in another one's terms.

HOOX_E2E_VENUE=bybit:spot test/e2e/run.py. A case may name the products it can mean ("products": ["futures"], because it
goes short), the venues ("venues": ["binance", "mexc:futures"]) or what a product must have ("needs": ["streams"]); the
others leave it out.
"""
import json
import os
import re

# The products there are, in the order of core/base/venues.h; the Worker's tests read the file too. "url" and
# "testnet_url": the settings of REST's address. "streams": what happens to the account is pushed. "order_socket":
# orders may go by WebSocket. "poor": what the venue answers to an order that the account can't pay. "order": what
# places orders, in the laboratory's counts. "busy": a fault that proves that nothing was executed, where the venue's
# words for maintenance don't. "pause_s": between the orders of a client under load, where the venue takes fewer than
# Binance futures. "rest_s": between two signals, likewise. "by_value": a market buy is an amount of quote there, so
# what it executes is not foreseen to the last digit.
FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../venues.json")
with open(FILE, encoding="utf-8") as profiles:
    PROFILES = json.load(profiles)
VENUES = tuple(dict.fromkeys(name.split(":")[0] for name in PROFILES))  # As `hoox lab --listen` has its addresses.

NAME = os.environ.get("HOOX_E2E_VENUE", "binance:futures")
if NAME not in PROFILES:
    raise SystemExit(f"HOOX_E2E_VENUE is {NAME!r}; there are {', '.join(PROFILES)}")
PROFILE = PROFILES[NAME]
VENUE, PRODUCT = NAME.split(":")
NUMBER = VENUES.index(VENUE)
QUANTITIES = ("executedQty", "origQty", "quantity")


def url_settings(urls):
    """Every venue's address, and the keys of the laboratories."""
    settings = {profile["url"]: urls[VENUES.index(name.split(":")[0])] for name, profile in PROFILES.items()}
    for name in VENUES:
        settings[f"{name.upper()}_API_KEY"] = "paper-key"
        settings[f"{name.upper()}_API_SECRET"] = "paper-secret"
    return settings


def stream_settings(urls):
    """The same addresses for streams and for orders by WebSocket."""
    rest = url_settings([url.replace("http", "ws", 1) for url in urls])
    return {name[:-len("URL")] + ending: url for name, url in rest.items() if name.endswith("_URL")
            for ending in ("WS_URL", "WS_API_URL")}


def chosen_settings():
    """What whoever runs the cases wants for all of them."""
    return {name: os.environ[name] for name in ("HOOX_STREAMS", "HOOX_ORDER_ENTRY") if name in os.environ}


def is_meant(case):
    """Whether the case can be told of this venue and product."""
    venues = case.get("venues", [VENUE])
    has_all = all(PROFILE.get(need) for need in case.get("needs", []))
    return has_all and PRODUCT in case.get("products", [PRODUCT]) and (VENUE in venues or NAME in venues)


def reduces(order):
    """Whether an order of the laboratory can only reduce what is held."""
    return order["side"] == "SELL" if PRODUCT == "spot" else order["reduceOnly"]


def in_text(text):
    """Signals and runtime keys inside strings."""
    text = re.sub(r'("exchange": ?)"binance"', rf'\1"{VENUE}"', text)
    if PRODUCT == "spot":
        text = re.sub(r'("exchange": ?"[a-z]+")', r'\1,"market":"spot"', text)
    return text


def in_signal(signal):
    signal = dict(signal)
    if str(signal.get("exchange", "")).lower() == "binance":
        signal["exchange"] = VENUE.upper() if signal["exchange"].isupper() else VENUE
    if PRODUCT == "spot" and ("exchange" in signal or "ticker" in signal):
        signal["market"] = "spot"
    return signal


def in_expectation(value, name=""):
    """What comes back: venue, codes, and quantities only where they can be foreseen."""
    if isinstance(value, dict):
        return {key: in_expectation(item, key) for key, item in value.items()
                if not (PROFILE.get("by_value") and key in QUANTITIES)}
    if isinstance(value, list):
        return [in_expectation(item, name) for item in value]
    if name in ("exchange", "venue") and value == "binance":
        return VENUE
    if name == "venue_code" and value == PROFILES["binance:futures"]["poor"]:
        return PROFILE["poor"]
    return value


def in_step(step):
    step = dict(step)
    if "send" in step:
        request = dict(step["send"])
        if isinstance(request.get("json"), dict):
            request["json"] = in_signal(request["json"])
        if "text" in request:
            request["text"] = in_text(request["text"])
        step["send"] = request
    if "cli" in step:
        step["cli"] = [in_text(word) if '"' in word else VENUE if word == "binance" else word for word in step["cli"]]
    if "faults" in step:
        step["faults"] = [{**fault, **PROFILE.get("busy", {})} if fault["kind"] == "maintenance" else fault
                          for fault in step["faults"]]
    if "load" in step:
        step.update({name: PROFILE[name] for name in ("pause_s", "before_s") if name in PROFILE})
    if "config" in step:
        step["config"] = in_config(step["config"])
    for name in ("expect", "orders"):
        if name in step:
            step[name] = in_expectation(step[name])
    if "ledger" in step:
        step["ledger"] = {**step["ledger"], "rows": in_expectation(step["ledger"]["rows"])}
    if "lab" in step and step["lab"]["path"] in ("/lab/price", "/lab/settings", "/lab/halt", "/lab/step"):
        step["lab"] = {**step["lab"], "json": {**step["lab"].get("json", {}), "product": PRODUCT}}
    return step


def in_config(config):
    return {name: VENUE if value == "binance" else value for name, value in config.items()}


def translate(case):
    """A case as it is at this venue."""
    case = dict(case)
    case["steps"] = [in_step(step) for step in case["steps"]]
    if "config" in case:
        case["config"] = in_config(case["config"])
    return case
