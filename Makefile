# make help lists the targets. Variables: V=1, MODE=release|debug|asan, NP=ranks, DATA_DIR=folder
CC      = mpicc
MODE   ?= release
BUILD  ?= build/$(MODE)
PREFIX ?= /usr/local
NP     ?= 2
VERSION = 0.1.0
PKGS    = hdf5-openmpi libxxhash jansson libzstd zlib liblzma libpng libjpeg
ALGEBRA = openblas scalapack-openmpi
export DATA_DIR ?= $(wildcard ../shared/data)
export BUILD NP

commit := $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
# only this object names the version and commit, so a new commit recompiles one file
CFLAGS_build = -DPAR_VERSION='"$(VERSION)"' -DPAR_COMMIT='"$(commit)"'
std    = -std=c11 -D_GNU_SOURCE -Ilibpar -Iapps $(shell pkg-config --cflags $(PKGS) 2>/dev/null)
warn   = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla \
         -Wundef -Wwrite-strings
harden = -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection -fcf-protection=full \
         -fPIE
# -ffp-contract=off: the same bits from every kernel set, whether or not it has fused multiply-add
float  = -ffp-contract=off -fno-math-errno -fno-trapping-math
# vectors stay inside these files: remarks on how they pass between files do not apply
$(foreach f,bank bank_ets bank_fit ets plain avx2 avx512,$(eval CFLAGS_$f = -Wno-psabi))
opt-release = -O3 -g $(harden)
opt-debug   = -Og -g3 -Werror
opt-asan    = -O1 -g3 -fsanitize=address,undefined -fno-omit-frame-pointer
CFLAGS ?= $(opt-$(MODE))
ALL_CFLAGS = $(std) $(warn) $(float) -MMD -MP $(CFLAGS)
ALL_LDFLAGS = $(CFLAGS) -pie -Wl,-z,relro,-z,now $(LDFLAGS)
# --as-needed: a program that multiplies no matrices does not load OpenBLAS
LDLIBS = -Wl,--as-needed $(shell pkg-config --libs $(PKGS) $(ALGEBRA) 2>/dev/null) -lhdf5_openmpi_hl \
         -lcholmod -lgomp -lm -lpthread

lib.c  := $(filter-out libpar/tools/% %.k.c,$(wildcard libpar/*/*.c))
# NAME.k.c is compiled once for each kernel set (base/lanes.h)
lib.k  := $(wildcard libpar/*/*.k.c)
lib.o   = $(call objects,$(lib.c)) $(foreach s,0 1 2,$(lib.k:%.k.c=$(BUILD)/%.$s.o))
lib    := $(BUILD)/libpar.a
objects = $(1:%.c=$(BUILD)/%.o)
# of a program's folder and those in it, kernels thrice as in libpar
sources = $(filter-out %.k.c,$(wildcard apps/$1/*.c apps/$1/*/*.c))
kernels = $(wildcard apps/$1/*.k.c apps/$1/*/*.k.c)
program.o = $(call objects,$(call sources,$1)) $(foreach s,0 1 2,$(patsubst %.k.c,$(BUILD)/%.$s.o,$(call kernels,$1)))
common := $(BUILD)/common.a
names  := $(filter-out common,$(patsubst apps/%/main.c,%,$(wildcard apps/*/main.c)))
apps   := $(names:%=$(BUILD)/bin/entrepot-%)
# helper programs of the library (libpar/tools) and of the tests (validation/FOLDER/NAME.c)
tools  := $(patsubst libpar/tools/%.c,$(BUILD)/bin/entrepot-%,$(wildcard libpar/tools/*.c))
programs = $(apps) $(tools)
helpers := $(patsubst %.c,$(BUILD)/%,$(filter-out validation/unit/%,$(wildcard validation/*/*.c)))
units  := $(patsubst validation/unit/%.c,$(BUILD)/unit/%,$(wildcard validation/unit/*.c))
# "np: 1 2 3 4" in a test's first line names the rank counts it runs under
runs    = $(foreach t,$(units),$(addprefix $(t)@,$(shell sed -n '1s/.*np: *\([0-9 ]*\).*/\1/p' validation/unit/$(notdir $(t)).c)))

q := $(if $(V),,@)
say = $(if $(V),@:,@printf '  %-5s %s\n')

all: $(lib) $(programs) ## build the library and every program (default)

$(BUILD)/libpar/io/build.o: $(BUILD)/.commit
$(BUILD)/apps/ingest/schemas.o $(BUILD)/apps/plan/model/sheet.o: $(wildcard inputs/schemas/*.ini)
$(BUILD)/%.o: %.c $(BUILD)/.flags
	@mkdir -p $(@D)
	$(say) CC $<
	$(q)$(CC) $(ALL_CFLAGS) $(CFLAGS_$(notdir $*)) -c $< -o $@
define kernel_set
$(BUILD)/%.$1.o: %.k.c $(BUILD)/.flags
	@mkdir -p $$(@D)
	$$(say) CC '$$< ($2)'
	$$(q)$$(CC) $$(ALL_CFLAGS) -Wno-psabi -DKERNEL_SET=$1 -c $$< -o $$@
endef
$(foreach s,0.plain 1.avx2 2.avx512,$(eval $(call kernel_set,$(basename $s),$(s:$(basename $s).%=%))))
$(lib): $(lib.o)
# an archive: a program takes what it uses
$(common): $(call program.o,common)
$(lib) $(common):
	$(say) AR $@
	$(q)rm -f $@; $(AR) rcs $@ $^
.SECONDEXPANSION:
$(BUILD)/bin/entrepot-%: $$(call program.o,$$*) $(common) $(lib)
	@mkdir -p $(@D)
	$(say) LD $@
	$(q)$(CC) $(ALL_LDFLAGS) $^ $(LDLIBS) -o $@
$(tools): $(BUILD)/bin/entrepot-%: $(BUILD)/libpar/tools/%.o $(lib)
	@mkdir -p $(@D)
	$(say) LD $@
	$(q)$(CC) $(ALL_LDFLAGS) $^ $(LDLIBS) -o $@
# "apps: forecast" in a test's or helper's first line links that program's objects, main apart
linked_apps = $(shell sed -n '1s/.*apps: *\([a-z]*\).*/\1/p' $(1).c)
app_objects = $(if $(1),$(filter-out %/main.o,$(call program.o,$(1))) $(common))
$(helpers): $(BUILD)/%: $(BUILD)/%.o $$(call app_objects,$$(call linked_apps,$$*)) $(lib)
	$(say) LD $@
	$(q)$(CC) $(ALL_LDFLAGS) $^ $(LDLIBS) -o $@
$(BUILD)/unit/%: $(BUILD)/validation/unit/%.o $$(call app_objects,$$(call linked_apps,validation/unit/$$*)) $(lib)
	@mkdir -p $(@D)
	$(say) LD $@
	$(q)$(CC) $(ALL_LDFLAGS) $^ $(LDLIBS) -o $@
# rebuild when the flags or the commit change
$(BUILD)/.flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(ALL_CFLAGS)' | cmp -s - $@ || echo '$(CC) $(ALL_CFLAGS)' > $@
$(BUILD)/.commit: FORCE
	@mkdir -p $(@D)
	@echo '$(VERSION) $(commit)' | cmp -s - $@ || echo '$(VERSION) $(commit)' > $@


night:                ## install what is missing, build, and run one whole night on real data
	jobs/packages night --install
	@$(MAKE) --no-print-directory -j$$(nproc) $(tools) $(addprefix $(BUILD)/bin/entrepot-,ingest forecast plan augment)
	jobs/night run --np $(NP)

check:                ## install what is missing and prove the software (about 20 minutes)
	jobs/packages night inputs check --install
	@$(MAKE) --no-print-directory -j$$(nproc) check-here

tests   = $(sort $(wildcard validation/*/test-*))
check-here: all $(units) $(helpers)
	validation/run $(runs) $(tests)

bench:                ## time our parts against named peers, side by side
	jobs/packages night inputs bench --install
	@$(MAKE) --no-print-directory -j$$(nproc) all $(helpers) $(units)
	@for b in validation/bench/bench-*; do "$$b" || failed=1; done; exit $${failed:-0}

study-%:              ## study-NAME: a long study (forecast, forecast-scale, totals, reconcile, trust, train, bf16, scale, plan, plan-lp, plan-policy, augment)
	jobs/packages night inputs bench --install
	@$(MAKE) --no-print-directory -j$$(nproc) all $(helpers) $(BUILD)/unit/plan_warm
	validation/study/$*

layers:               ## fail where a file includes a layer above its own
	validation/layers

lint:                 ## format, clang-tidy, cppcheck, shellcheck
	jobs/packages night check --install
	@$(MAKE) --no-print-directory lint-here
lint-here:
	validation/lint $(std) $(CFLAGS_build)

asan:                 ## run the unit tests with address and undefined-behaviour sanitizers
	jobs/packages night inputs check --install
	@$(MAKE) --no-print-directory -j$$(nproc) MODE=asan BUILD=build/asan asan-here
asan-here: all $(units)
	ASAN_OPTIONS=leak_check_at_exit=0 validation/run $(runs)

check-slurm:          ## the forecast stage on a Slurm cluster of two nodes inside this machine
	jobs/packages night inputs slurm --install
	@$(MAKE) --no-print-directory -j$$(nproc) all
	validation/cluster/run

install: all          ## install programs, headers and par.pc under DESTDIR/PREFIX
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/pkgconfig
	install -m755 $(programs) $(DESTDIR)$(PREFIX)/bin
	install -m644 $(lib) $(DESTDIR)$(PREFIX)/lib
	cd libpar && find . -name '*.h' -exec install -Dm644 {} $(DESTDIR)$(PREFIX)/include/par/{} \;
	printf 'Name: par\nDescription: Entrepot parallel tensor layer\nVersion: %s\nRequires.private: %s\nLibs: -L%s/lib -lpar\nCflags: -I%s/include/par\n' \
	    '$(VERSION)' '$(PKGS) $(ALGEBRA)' '$(PREFIX)' '$(PREFIX)' > $(DESTDIR)$(PREFIX)/lib/pkgconfig/par.pc

clean:                ## remove build/
	rm -rf build

help:                 ## show this list
	@sed -n 's/^\([a-z%-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
.PHONY: all night check check-here bench layers lint lint-here asan asan-here check-slurm install clean help FORCE
.SECONDARY:
