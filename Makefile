# hoox: see README.md. `make run` and `make check` install what they need; `make help` lists the targets.
#
# Sources are found, not listed. Each folder becomes an archive, each x_test.c a program build/test/<path>/x_test:
#   core/ port/ -> libcore    lab/ -> liblab        host/common/ schema/ -> libcommon   port/contract/ -> libcontract
#   host/native/ -> libnative cli/ -> libcli, hoox  host/sim/ -> libsim                 sim/ -> libsimlib, hoox-sim
# VARIANT picks compiler, flags and build folder, so that one recipe serves all: plain asan fuzz coverage.
# V=1 prints commands. A folder that does not exist yet is simply not linked.

.DELETE_ON_ERROR:
.SUFFIXES:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif

VARIANT ?= plain
Q := $(if $(V),,@)
ifeq ($(origin CC),default)
CC := gcc
endif
WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wvla -Wcast-qual -Wstrict-prototypes \
            -Wmissing-prototypes -Werror
BUILD := build
FLAGS := -O2 -g
ifeq ($(VARIANT),asan)
BUILD := build/asan
override CC := clang
FLAGS := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
else ifeq ($(VARIANT),fuzz)
BUILD := build/fuzz
override CC := clang
FLAGS := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
else ifeq ($(VARIANT),coverage)
BUILD := build/coverage
FLAGS := -O0 -g --coverage
else ifneq ($(VARIANT),plain)
$(error VARIANT is plain, asan, fuzz or coverage)
endif
CFLAGS := -std=c11 $(FLAGS) $(WARNINGS) -I. $(CFLAGS_EXTRA)
LDLIBS := -lcurl -lssl -lcrypto -lsqlite3 -lpthread

# What is there.
c_files = $(sort $(foreach dir,$(wildcard $(1)),$(shell find $(dir) -name '*.c' -not -name '.*')))
not_tests = $(filter-out %_test.c,$(1))
objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))

CONTRACT_SRC := $(call not_tests,$(call c_files,port/contract))
CORE_SRC := $(filter-out port/contract/%,$(call not_tests,$(call c_files,core port)))
LAB_SRC := $(call not_tests,$(call c_files,lab))
COMMON_SRC := $(call not_tests,$(call c_files,host/common))
NATIVE_SRC := $(call not_tests,$(call c_files,host/native))
HOSTSIM_SRC := $(call not_tests,$(call c_files,host/sim))
CLI_SRC := $(filter-out cli/main.c,$(call not_tests,$(call c_files,cli)))
SIM_SRC := $(filter-out sim/main.c,$(call not_tests,$(call c_files,sim)))
TEST_SRC := $(filter %_test.c,$(call c_files,core lab port host cli sim test bench))
FUZZ_SRC := $(call c_files,test/fuzz)
FUZZ_NAMES := $(patsubst test/fuzz/%_fuzz.c,%,$(filter %_fuzz.c,$(FUZZ_SRC)))
BENCH_SRC := $(call not_tests,$(wildcard bench/*.c))
BENCH_COMMON_OBJ := $(patsubst %.c,$(BUILD)/obj/%.o,$(call c_files,bench/common))
BUGS := $(sort $(shell grep -rhoE 'HX_BUG_[0-9]+' --include='*.c' core 2>/dev/null | sed 's/HX_BUG_//'))

SCHEMA_GEN := $(if $(wildcard host/common/schema.h),$(BUILD)/gen/schema_data.o)

LIBCORE := $(BUILD)/libcore.a
LIBLAB := $(BUILD)/liblab.a
LIBCOMMON := $(BUILD)/libcommon.a
LIBCONTRACT := $(BUILD)/libcontract.a
LIBNATIVE := $(BUILD)/libnative.a
LIBSIM := $(BUILD)/libsim.a
LIBCLI := $(BUILD)/libcli.a
LIBSIMLIB := $(BUILD)/libsimlib.a

BASE_LIBS := $(LIBCORE) $(LIBLAB) $(LIBCOMMON) $(LIBCONTRACT)
NATIVE_LIBS := $(LIBCLI) $(LIBNATIVE) $(BASE_LIBS)
SIM_LIBS := $(LIBSIMLIB) $(LIBSIM) $(BASE_LIBS)
group = -Wl,--start-group $(1) -Wl,--end-group

TESTS := $(patsubst %.c,$(BUILD)/test/%,$(TEST_SRC))
NATIVE_TESTS := $(filter $(BUILD)/test/host/native/% $(BUILD)/test/cli/%,$(TESTS))
# Everything else may lean on the simulated host: port/call.c needs some host to link.
SIM_TESTS := $(filter-out $(NATIVE_TESTS),$(TESTS))
FUZZERS := $(FUZZ_NAMES:%=build/fuzz/%_fuzz)
BENCHES := $(patsubst bench/%.c,build/bench/%,$(BENCH_SRC))

# Targets.
.PHONY: build run check test tests fuzzers edge edge-tests run-edge style fuzz soak bench benches bugs crash format \
        clean help deps deps-check deps-edge deps-ccxt

build: $(if $(wildcard cli/main.c),build/hoox) $(if $(wildcard sim/main.c),build/hoox-sim)
ifeq ($(wildcard cli/main.c),)
build: $(BASE_LIBS) $(LIBNATIVE) $(LIBSIM)
endif

run: build
	@build/hoox serve --paper --data build/paper

check test: deps-check
	@tools/check.py

tests: $(TESTS)
ifeq ($(VARIANT),fuzz)
fuzzers: $(FUZZERS)
else
fuzzers:
	@$(MAKE) --no-print-directory VARIANT=fuzz fuzzers
endif
benches: $(BENCHES)
bugs: $(BUGS:%=build/bug/%/hoox-sim)

style: deps-check
	@tools/style.py

fuzz: deps-check
	@$(MAKE) --no-print-directory fuzzers
	@tools/fuzz.sh $(or $(SECONDS_EACH),60)

soak: deps-check
	@tools/soak.sh

bench: deps-check
	@$(MAKE) --no-print-directory build benches
	@bench/run.py

format: deps-check
	@git ls-files -co --exclude-standard '*.c' '*.h' | xargs clang-format -i

clean:
	rm -rf build

help:
	@echo 'make build       build/hoox and build/hoox-sim'
	@echo 'make run         a paper-trading gateway, and an alert to paste'
	@echo 'make check       everything that must hold before a commit (also: make test)'
	@echo 'make tests       build the unit tests only; run one as build/test/<path>/<name>_test'
	@echo 'make style       the style checker alone'
	@echo 'make edge        the Worker in build/edge; compares its imports with port/host.def, prints its size'
	@echo 'make run-edge    the Worker on workerd with the paper laboratory, and an alert to paste'
	@echo 'make fuzz        every fuzzer, SECONDS_EACH=60'
	@echo 'make soak        the simulator on new seeds until interrupted'
	@echo 'make bench       the figures of DESIGN 11 beside the original system'\''s'
	@echo 'make format      clang-format on every source'
	@echo 'make deps        install what building and running need'
	@echo 'VARIANT=asan|coverage on build and tests gives that variant in build/asan, build/coverage'

deps: build/deps/run
deps-check: build/deps/check
deps-edge: build/deps/edge
deps-ccxt: build/deps/ccxt
build/deps/edge: test/edge/package-lock.json
build/deps/ccxt: test/ccxt/package-lock.json
build/deps/%: tools/install.sh
	@tools/install.sh $*
	@mkdir -p $(@D) && touch $@

# The core promises to need no C library, so the compiler may not assume one there (nor turn loops into its calls).
FREESTANDING_OBJ := $(call objects,$(CORE_SRC) $(LAB_SRC))
$(FREESTANDING_OBJ): CFLAGS += -ffreestanding

# Recipes.
$(BUILD)/obj/%.o: %.c | build/deps/run
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/gen/schema_data.c: tools/embed_schema.sh $(wildcard schema/*.sql)
	@mkdir -p $(@D)
	tools/embed_schema.sh $(wildcard schema/*.sql) >$@.new && mv $@.new $@

$(BUILD)/gen/%.o: $(BUILD)/gen/%.c | build/deps/run
	$(Q)$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

# The list of members is a prerequisite too, so that a deleted source leaves its archive.
define archive
$(1): $(2) $(1).members
	@rm -f $(1)
	$(Q)ar rcsD $(1) $(2)
$(1).members: FORCE
	@mkdir -p $$(@D); echo '$(2)' | cmp -s - $$@ || echo '$(2)' >$$@
endef
.PHONY: FORCE
FORCE:

$(eval $(call archive,$(LIBCORE),$(call objects,$(CORE_SRC))))
$(eval $(call archive,$(LIBLAB),$(call objects,$(LAB_SRC))))
$(eval $(call archive,$(LIBCOMMON),$(call objects,$(COMMON_SRC)) $(SCHEMA_GEN)))
$(eval $(call archive,$(LIBCONTRACT),$(call objects,$(CONTRACT_SRC))))
$(eval $(call archive,$(LIBNATIVE),$(call objects,$(NATIVE_SRC))))
$(eval $(call archive,$(LIBSIM),$(call objects,$(HOSTSIM_SRC))))
$(eval $(call archive,$(LIBCLI),$(call objects,$(CLI_SRC))))
$(eval $(call archive,$(LIBSIMLIB),$(call objects,$(SIM_SRC))))

$(BUILD)/hoox: $(BUILD)/obj/cli/main.o $(NATIVE_LIBS)
	$(Q)$(CC) $(FLAGS) -o $@ $< $(call group,$(NATIVE_LIBS)) $(LDLIBS)

$(BUILD)/hoox-sim: $(BUILD)/obj/sim/main.o $(SIM_LIBS)
	$(Q)$(CC) $(FLAGS) -o $@ $< $(call group,$(SIM_LIBS)) $(LDLIBS)

$(NATIVE_TESTS): $(BUILD)/test/%: $(BUILD)/obj/%.o $(NATIVE_LIBS) | build/deps/check
	@mkdir -p $(@D)
	$(Q)$(CC) $(FLAGS) -o $@ $< $(call group,$(NATIVE_LIBS)) -lcmocka $(LDLIBS) -lyajl -ljansson -lgmp

$(SIM_TESTS): $(BUILD)/test/%: $(BUILD)/obj/%.o $(SIM_LIBS) | build/deps/check
	@mkdir -p $(@D)
	$(Q)$(CC) $(FLAGS) -o $@ $< $(call group,$(SIM_LIBS)) -lcmocka $(LDLIBS) -lyajl -ljansson -lgmp

# Fuzzers live in their own variant: their libraries are built with coverage for the fuzzer to steer by.
build/fuzz/%_fuzz: $(BUILD)/obj/test/fuzz/%_fuzz.o $(SIM_LIBS) | build/deps/check
	$(Q)$(CC) $(FLAGS) -fsanitize=fuzzer -o $@ $< $(call group,$(SIM_LIBS)) $(LDLIBS) -lyajl -ljansson -lgmp

# A planted bug: only the files that know of it are compiled again (what it leaves unused is no news); linked before the
# archives, they take the place of the archives' own members.
define planted
build/bug/$(1)/%.o: %.c | build/deps/run
	@mkdir -p $$(@D)
	$(Q)$(CC) $(CFLAGS) -Wno-unused -Wno-unused-parameter -DHX_BUG_$(1) -MMD -MP -c -o $$@ $$<
BUG_$(1)_OBJ := $$(patsubst %.c,build/bug/$(1)/%.o,$$(shell grep -rlwE 'HX_BUG_$(1)' --include='*.c' core 2>/dev/null))
build/bug/$(1)/hoox-sim: $(BUILD)/obj/sim/main.o $$(BUG_$(1)_OBJ) $(SIM_LIBS)
	$(Q)$(CC) $(FLAGS) -o $$@ $$< $$(BUG_$(1)_OBJ) $(call group,$(SIM_LIBS)) $(LDLIBS)
endef
$(foreach bug,$(BUGS),$(eval $(call planted,$(bug))))

build/bench/%: $(BUILD)/obj/bench/%.o $(BENCH_COMMON_OBJ) $(NATIVE_LIBS)
	@mkdir -p $(@D)
	$(Q)$(CC) $(FLAGS) -o $@ $< $(BENCH_COMMON_OBJ) $(call group,$(NATIVE_LIBS)) $(LDLIBS)

# The crash test twice: as the ledger runs, and with the weaker setting that must lose rows.
CRASH_OBJ := $(patsubst test/crash/%.c,%.o,$(call not_tests,$(call c_files,test/crash)))
crash: build/crash/full build/crash/normal
build/crash/full.obj/%.o: test/crash/%.c | build/deps/run
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<
build/crash/normal.obj/%.o: test/crash/%.c | build/deps/run
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -DHX_CRASH_SYNCHRONOUS_NORMAL=1 -MMD -MP -c -o $@ $<
build/crash/full: $(CRASH_OBJ:%=build/crash/full.obj/%) $(BASE_LIBS)
build/crash/normal: $(CRASH_OBJ:%=build/crash/normal.obj/%) $(BASE_LIBS)
build/crash/full build/crash/normal:
	$(Q)$(CC) $(FLAGS) -o $@ $(filter %.o,$^) $(call group,$(BASE_LIBS)) $(LDLIBS)

# Wasm: the same core for the edge, and the Worker around it. Memory is fixed; the stack comes first in it, so that
# running out of stack is a trap.
# A Worker holds no connections: host/edge/streamless.c stands for what would live on them.
EDGE_SRC := $(filter-out $(wildcard core/app/stream*.c core/venue/*stream*.c core/http/ws*.c),$(CORE_SRC)) \
            $(call not_tests,$(call c_files,host/edge))
EDGE_CONTRACT_SRC := $(filter-out core/app/app.c,$(EDGE_SRC)) $(CONTRACT_SRC) test/edge/contract_app.c
EDGE_MODULES := $(sort $(wildcard host/edge/*.mjs))
WASM_FLAGS := --target=wasm32 -std=c11 -Oz -ffreestanding -nostdlib -fvisibility=hidden $(WARNINGS) -I.
WASM_LINK := wasm-ld --no-entry --gc-sections --strip-debug --stack-first -z stack-size=98304 --initial-memory=786432 \
             --max-memory=786432
build/edge-obj/%.o: %.c | build/deps/check
	@mkdir -p $(@D)
	$(Q)clang $(WASM_FLAGS) -MMD -MP -c -o $@ $<
build/edge/hoox.wasm: $(patsubst %.c,build/edge-obj/%.o,$(EDGE_SRC))
	@mkdir -p $(@D)
	$(Q)$(WASM_LINK) -o $@ $^
build/edge-test/contract.wasm: $(patsubst %.c,build/edge-obj/%.o,$(EDGE_CONTRACT_SRC))
	@mkdir -p $(@D)
	$(Q)$(WASM_LINK) -o $@ $^
build/edge/worker.mjs: tools/edge_build.py $(EDGE_MODULES) core/base/err.def $(wildcard schema/*.sql)
	$(Q)tools/edge_build.py

edge: build/edge/hoox.wasm build/edge/worker.mjs
	@tools/wasm_check.py $<
edge-tests: edge build/edge-test/contract.wasm deps-edge build
run-edge: edge deps-edge build
	@PATH="$(CURDIR)/build/node/bin:$$PATH" node test/edge/run.mjs

DEP_FILES := $(shell find build -name '*.d' 2>/dev/null)
-include $(DEP_FILES)
