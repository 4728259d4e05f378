# Builds, tests and installs stint; `make help` lists the targets.
# Objects go to build/ (build/asan, build/tsan with SANITIZE=address,undefined or SANITIZE=thread).
# Yours to set: CC CFLAGS CPPFLAGS LDFLAGS PREFIX DESTDIR BUILD SANITIZE, WERROR=1, V=1 to see the commands.

VERSION = 0.1.0

PREFIX     = /usr/local
BINDIR     = $(PREFIX)/bin
LIBEXECDIR = $(PREFIX)/libexec
LIBDIR     = $(PREFIX)/lib
DATADIR    = $(PREFIX)/share
MANDIR     = $(DATADIR)/man

PKG_CONFIG   = pkg-config
INSTALL      = install
FUZZ_CC      = clang
FUZZ_SECONDS = 20

BUILD_address,undefined = build/asan
BUILD_thread            = build/tsan
BUILD = $(if $(SANITIZE),$(or $(BUILD_$(SANITIZE)),build/$(SANITIZE)),build)

# ---- flags ----------------------------------------------------------------------------------------

ifdef SANITIZE
CFLAGS ?= -O1 -g -fno-omit-frame-pointer
else
CFLAGS ?= -O2 -g
endif
WARN = -Wall -Wextra -Wshadow -Wmissing-prototypes -Wstrict-prototypes -Wformat=2 -Wconversion \
	-Werror=format-security $(if $(filter 1,$(WERROR))$(filter true,$(CI)),-Werror)

# What asks the compiler or pkg-config is evaluated once, and only when first used: `deps` may just
# have installed them. Protections that the compiler has not on this machine are left out.
once    = $(eval $(1) := $(2))$($(1))
has     = $(foreach f,$(1),$(shell $(CC) -Werror $(f) -S -x c /dev/null -o /dev/null 2>/dev/null && echo $(f)))
PROTECT = $(call once,PROTECT,$(call has,-fstack-clash-protection -fcf-protection))
FORTIFY = $(if $(SANITIZE)$(filter -O0,$(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
HARDEN  = $(FORTIFY) -fstack-protector-strong $(PROTECT) -fPIE
CHECKED = $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all)

LIBS         = libevent_core libevent_extra jansson libbsd libmd ncursesw sqlite3
LIBS_CFLAGS  = $(call once,LIBS_CFLAGS,$(shell $(PKG_CONFIG) --cflags $(LIBS)))
LIBS_LDLIBS  = $(call once,LIBS_LDLIBS,$(shell $(PKG_CONFIG) --libs $(LIBS)))
CHECK_CFLAGS = $(call once,CHECK_CFLAGS,$(shell $(PKG_CONFIG) --cflags check))
CHECK_LDLIBS = $(call once,CHECK_LDLIBS,$(shell $(PKG_CONFIG) --libs check))

INCLUDE = -std=c17 -I. -D_GNU_SOURCE -DSTINT_VERSION='"$(VERSION)"' \
	-DSTINT_LIBEXECDIR='"$(LIBEXECDIR)/stint"' -DSTINT_BINDIR='"$(BINDIR)"' $(LIBS_CFLAGS)
COMPILE = $(CC) $(INCLUDE) $(WARN) $(HARDEN) $(CHECKED) -pthread $(EXTRA) $(CPPFLAGS) $(CFLAGS)
LINK    = $(CC) $(CFLAGS) $(CHECKED) -pie -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed $(LDFLAGS)

Q   = $(if $(V),,@)
say = @$(if $(V),:,printf '  %-8s %s\n' $(1) $(@:$(CURDIR)/%=%))

# ---- what is built --------------------------------------------------------------------------------

PROGRAMS = $(BUILD)/stint $(BUILD)/stintd $(BUILD)/stint-worker
MAINS    = worker/main.c supervisor/main.c supervisor/stintd_main.c
lib_objs = $(patsubst %.c,$(BUILD)/%.o,$(filter-out $(MAINS),$(wildcard $(1)/*.c)))
SIDES    = $(BUILD)/libworker.a $(BUILD)/libsupervisor.a $(BUILD)/libipc.a
TESTS    = $(wildcard tests/test_*.c tests/e2e/*.bats tests/fault/*.bats)
UNITS    = $(patsubst %.c,$(BUILD)/%,$(filter %.c,$(TESTS)))
HELPERS  = $(patsubst %.c,$(BUILD)/%.o,$(filter-out tests/test_%,$(wildcard tests/*.c)))
BENCH    = $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(wildcard tests/bench/*.c))
FAULTS   = $(patsubst tests/fault/%.c,$(BUILD)/fault/%.so,$(wildcard tests/fault/*.c))
FUZZERS  = $(patsubst tests/fuzz/%.c,$(BUILD)/%,$(wildcard tests/fuzz/fuzz_*.c))
BROWSER  = build/browser/node_modules/.package-lock.json

all: $(PROGRAMS) ## build stint, stintd and stint-worker (the default)

$(BUILD)/stint: $(BUILD)/supervisor/main.o $(BUILD)/libsupervisor.a $(BUILD)/libipc.a
	$(call say,LINK)
	$(Q)$(LINK) -o $@ $^ $(LIBS_LDLIBS)

$(BUILD)/stintd: $(BUILD)/supervisor/stintd_main.o $(BUILD)/libsupervisor.a $(BUILD)/libipc.a
	$(call say,LINK)
	$(Q)$(LINK) -pthread -o $@ $^ $(LIBS_LDLIBS)

$(BUILD)/stint-worker: $(BUILD)/worker/main.o $(BUILD)/libworker.a $(BUILD)/libipc.a
	$(call say,LINK)
	$(Q)$(LINK) -pthread -o $@ $^ $(LIBS_LDLIBS)

$(BUILD)/libipc.a: $(call lib_objs,ipc)
$(BUILD)/libworker.a: $(call lib_objs,worker)
$(BUILD)/libsupervisor.a: $(call lib_objs,supervisor)
$(SIDES):
	$(call say,AR)
	$(Q)mkdir -p $(@D) && rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/%.o: %.c $(BUILD)/flags
	$(call say,CC)
	$(Q)mkdir -p $(@D) && $(COMPILE) -MMD -MP -c -o $@ $<

$(BUILD)/supervisor/report_page.o: $(wildcard supervisor/report_page/*)
$(BUILD)/supervisor/http_page.o: $(wildcard supervisor/report_page/* supervisor/dashboard_page/*)

$(UNITS): $(BUILD)/tests/%: $(BUILD)/tests/%.o $(HELPERS) $(SIDES)
	$(call say,LINK)
	$(Q)$(LINK) -pthread -o $@ $^ $(LIBS_LDLIBS) $(CHECK_LDLIBS)
$(UNITS:=.o) $(HELPERS): private EXTRA = $(CHECK_CFLAGS)
$(UNITS:=.o) $(HELPERS): | deps-check

$(BENCH): $(BUILD)/bench/%: $(BUILD)/tests/bench/%.o $(BUILD)/libipc.a
	$(call say,LINK)
	$(Q)mkdir -p $(@D) && $(LINK) -pthread -o $@ $^ $(LIBS_LDLIBS)

$(FAULTS): $(BUILD)/fault/%.so: tests/fault/%.c $(BUILD)/flags
	$(call say,LINK)
	$(Q)mkdir -p $(@D) && $(COMPILE) -fPIC -shared -o $@ $<

$(FUZZERS): $(BUILD)/%: $(BUILD)/tests/fuzz/%.o $(SIDES)
	$(call say,LINK)
	$(Q)$(LINK) -fsanitize=fuzzer -pthread -o $@ $^ $(LIBS_LDLIBS)

# Another compiler, flag, version or prefix than last time rebuilds everything.
$(BUILD)/flags: FORCE | deps-build
	@$(shell mkdir -p $(@D))$(file >$@.new,$(COMPILE) / $(LINK)):
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

# ---- what is done with it -------------------------------------------------------------------------

demo: all ## build, then run the examples: count.json, and mixed.json under every model
	$(BUILD)/stint run conf/examples/count.json
	$(BUILD)/stint compare conf/examples/mixed.json

# What only some tests need, and what is installed for it.
some   = $(if $(filter $(1),$(TESTS)),$(2))
NEEDS  = $(call some,tests/fault/%,$(FAULTS))
TOOLS  = $(call some,%/report_html.bats %/dashboard.bats,$(BROWSER) deps-dashboard) $(call some,%/completions.bats,deps-shells)

check: all $(UNITS) $(NEEDS) | deps-check $(TOOLS) ## build and run all tests, or TESTS="tests/test_frame.c tests/e2e/run.bats"
	@STINT='$(abspath $(BUILD))/stint' TOP='$(CURDIR)' SANITIZE='$(SANITIZE)' tests/run.sh '$(BUILD)' $(TESTS)

docs: all ## make the pictures of the README anew: on a machine that does nothing else
	conf/pictures/make.sh '$(abspath $(BUILD))/stint' conf/examples conf/pictures

# What the tests in a browser drive it with. Where it cannot be had they say so, and CI fails.
$(BROWSER): tests/browser/package-lock.json | deps-browser
	$(call say,NPM)
	$(Q)mkdir -p build/browser && cp tests/browser/package*.json build/browser && \
	    npm ci --prefix build/browser --no-audit --no-fund --silent && touch $@ || \
	    echo 'make: npm could not install what the tests in a browser need' >&2

lint: | deps-lint ## check format, style, layering, lengths, scripts, manual pages
	@CC='$(CC)' tests/lint/run.sh $(INCLUDE) $(CHECK_CFLAGS)

format: | deps-lint ## let clang-format rewrite the sources as lint wants them
	clang-format -i $(wildcard $(foreach d,ipc worker supervisor tests tests/*,$(d)/*.[ch]))

bench: all $(BENCH) ## measure against the peers that are installed (make bench-deps installs them)
	STINT='$(abspath $(BUILD))/stint' BENCH='$(abspath $(BUILD))/bench' python3 tests/bench/bench.py

fault: all $(FAULTS) | deps-check ## the fault tests at full size: long
	FULL=1 BATS_TEST_TIMEOUT=1800 STINT='$(abspath $(BUILD))/stint' TOP='$(CURDIR)' bats tests/fault

fuzz: | deps-fuzz ## run every fuzzer for FUZZ_SECONDS each; finds go to build/fuzz
	@$(MAKE) --no-print-directory CC=$(FUZZ_CC) SANITIZE=fuzzer-no-link,address,undefined \
	    BUILD=build/fuzz fuzz-run

fuzz-run: $(FUZZERS)
	@[ -n "$^" ] || echo 'fuzz: there is no tests/fuzz/fuzz_*.c, nothing to run'
	@set -e; for f in $(notdir $^); do \
		new=$(BUILD)/corpus/$$f seeds=tests/fuzz/corpus/$${f#fuzz_}; \
		mkdir -p $$new; [ -d $$seeds ] || seeds=; \
		echo "fuzz: $$f for $(FUZZ_SECONDS) s"; \
		$(BUILD)/$$f -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 \
		    -artifact_prefix=$(BUILD)/$$f- $$new $$seeds; \
	done

# ---- packages: conf/deps.sh installs what is missing, and is silent when nothing is ---------------

deps: deps-lint ## install all that building, testing and linting need
deps-build:
	@CC='$(CC)' PKG_CONFIG='$(PKG_CONFIG)' SANITIZE='$(filter-out fuzzer-no-link%,$(SANITIZE))' \
	    conf/deps.sh build $(if $(SANITIZE),sanitize)
deps-check: | deps-build
	@PKG_CONFIG='$(PKG_CONFIG)' conf/deps.sh check
deps-browser: | deps-build
	@conf/deps.sh browser || :
deps-dashboard: | deps-build
	@conf/deps.sh dashboard || :
deps-shells: | deps-build
	@conf/deps.sh shells || :
deps-lint: | deps-check
	@conf/deps.sh lint
deps-fuzz: | deps-build
	@FUZZ_CC='$(FUZZ_CC)' conf/deps.sh fuzz
bench-deps: | deps-build ## install the peers that `make bench` measures against
	@conf/deps.sh bench

# ---- installation ---------------------------------------------------------------------------------

MAN      = $(wildcard man/*.[1-8])
EXAMPLES = $(wildcard conf/examples/*)
SCHEMA   = $(wildcard conf/*.schema.json)
man_path = $(MANDIR)/man$(subst .,,$(suffix $(1)))/$(notdir $(1))
SHARED   = $(DATADIR)/stint
SYSTEMD  = $(LIBDIR)/systemd
# What is installed elsewhere than it lies; a shell looks for a program's completion by its name.
COMPLETE = bash-completion/completions
FISH     = fish/vendor_completions.d
SHELLS   = stint.bash:$(COMPLETE)/stint stint.bash:$(COMPLETE)/stintd stint.fish:$(FISH)/stint.fish \
	stint.fish:$(FISH)/stintd.fish _stint:zsh/site-functions/_stint
UNITS_AS = stintd.service:$(SYSTEMD)/system/stintd.service \
	stintd-user.service:$(SYSTEMD)/user/stintd.service \
	stintd-user.socket:$(SYSTEMD)/user/stintd.socket \
	stintd.tmpfiles:$(LIBDIR)/tmpfiles.d/stintd.conf \
	stintd.sysusers:$(LIBDIR)/sysusers.d/stintd.conf
INSTALLED = $(BINDIR)/stint $(BINDIR)/stintd $(LIBEXECDIR)/stint/stint-worker \
	$(foreach m,$(MAN),$(call man_path,$(m))) $(EXAMPLES:conf/%=$(SHARED)/%) \
	$(SCHEMA:conf/%=$(SHARED)/%) $(foreach u,$(UNITS_AS),$(lastword $(subst :, ,$(u)))) \
	$(foreach c,$(SHELLS),$(DATADIR)/$(lastword $(subst :, ,$(c))))

install: all ## install into DESTDIR and PREFIX (/usr/local)
	$(INSTALL) -D -m 755 $(BUILD)/stint '$(DESTDIR)$(BINDIR)/stint'
	$(INSTALL) -D -m 755 $(BUILD)/stintd '$(DESTDIR)$(BINDIR)/stintd'
	$(INSTALL) -D -m 755 $(BUILD)/stint-worker '$(DESTDIR)$(LIBEXECDIR)/stint/stint-worker'
	@set -e; $(foreach m,$(MAN),$(INSTALL) -D -m 644 $(m) '$(DESTDIR)$(call man_path,$(m))';) \
	$(foreach f,$(EXAMPLES) $(SCHEMA),$(INSTALL) -D -m 644 $(f) '$(DESTDIR)$(f:conf/%=$(SHARED)/%)';) \
	$(foreach c,$(SHELLS),$(INSTALL) -D -m 644 conf/completions/$(firstword $(subst :, ,$(c))) \
	    '$(DESTDIR)$(DATADIR)/$(lastword $(subst :, ,$(c)))';) \
	$(foreach u,$(UNITS_AS),sed 's|@BINDIR@|$(BINDIR)|' conf/$(firstword $(subst :, ,$(u))) \
	    >$(BUILD)/unit; $(INSTALL) -D -m 644 $(BUILD)/unit '$(DESTDIR)$(lastword $(subst :, ,$(u)))';)

uninstall: ## remove what install put there
	rm -f $(foreach f,$(INSTALLED),'$(DESTDIR)$(f)')
	@for d in '$(LIBEXECDIR)/stint' '$(SHARED)/examples' '$(SHARED)'; do \
		if [ -d "$(DESTDIR)$$d" ]; then rmdir "$(DESTDIR)$$d" || :; fi; done

clean: ## remove what was built
	rm -rf $(BUILD)

help: ## this list
	@sed -n 's/^\([a-z-]*\):.* ## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

FORCE:
.PHONY: all demo check docs lint format bench fault fuzz fuzz-run deps deps-build deps-check deps-browser deps-dashboard \
	deps-shells deps-lint deps-fuzz bench-deps install uninstall clean help FORCE
.DELETE_ON_ERROR:
.SECONDARY:

-include $(wildcard $(foreach d,ipc worker supervisor tests tests/bench tests/fuzz,$(BUILD)/$(d)/*.d))
