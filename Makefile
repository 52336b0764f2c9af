# make help lists the targets. Variables: V=1, MODE=release|debug|asan, NP=ranks, DATA_DIR=folder
CC      = mpicc
MODE   ?= release
BUILD  ?= build/$(MODE)
PREFIX ?= /usr/local
NP     ?= 2
VERSION = 0.1.0
PKGS    = hdf5-openmpi libxxhash jansson libzstd zlib liblzma libpng libjpeg
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
opt-release = -O3 -g $(harden)
opt-debug   = -Og -g3 -Werror
opt-asan    = -O1 -g3 -fsanitize=address,undefined -fno-omit-frame-pointer
CFLAGS ?= $(opt-$(MODE))
ALL_CFLAGS = $(std) $(warn) $(float) -MMD -MP $(CFLAGS)
ALL_LDFLAGS = $(CFLAGS) -pie -Wl,-z,relro,-z,now $(LDFLAGS)
LDLIBS = $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lhdf5_openmpi_hl -lm -lpthread

lib.c  := $(wildcard libpar/*/*.c)
lib.o  := $(lib.c:%.c=$(BUILD)/%.o)
lib    := $(BUILD)/libpar.a
common.o := $(patsubst %.c,$(BUILD)/%.o,$(wildcard apps/common/*.c))
names  := $(filter-out common,$(patsubst apps/%/main.c,%,$(wildcard apps/*/main.c)))
apps   := $(names:%=$(BUILD)/bin/entrepot-%)
units  := $(patsubst validation/unit/%.c,$(BUILD)/unit/%,$(wildcard validation/unit/*.c))
# "np: 1 2 3 4" in a test's first line names the rank counts it runs under
runs    = $(foreach t,$(units),$(addprefix $(t)@,$(shell sed -n '1s/.*np: *\([0-9 ]*\).*/\1/p' validation/unit/$(notdir $(t)).c)))

q := $(if $(V),,@)
say = $(if $(V),@:,@printf '  %-5s %s\n')

all: $(lib) $(apps)   ## build the library and every program (default)

$(BUILD)/libpar/io/build.o: $(BUILD)/.commit
$(BUILD)/%.o: %.c $(BUILD)/.flags
	@mkdir -p $(@D)
	$(say) CC $<
	$(q)$(CC) $(ALL_CFLAGS) $(CFLAGS_$(notdir $*)) -c $< -o $@
$(lib): $(lib.o)
	$(say) AR $@
	$(q)rm -f $@; $(AR) rcs $@ $^
.SECONDEXPANSION:
$(BUILD)/bin/entrepot-%: $$(patsubst %.c,$(BUILD)/%.o,$$(wildcard apps/$$*/*.c)) $(common.o) $(lib)
	@mkdir -p $(@D)
	$(say) LD $@
	$(q)$(CC) $(ALL_LDFLAGS) $^ $(LDLIBS) -o $@
# "apps: forecast" in a test's first line links that program's objects, main apart
unit_apps = $(shell sed -n '1s/.*apps: *\([a-z]*\).*/\1/p' validation/unit/$(1).c)
app_objects = $(if $(1),$(filter-out %/main.o,$(patsubst %.c,$(BUILD)/%.o,$(wildcard apps/$(1)/*.c))) $(common.o))
$(BUILD)/unit/%: $(BUILD)/validation/unit/%.o $$(call app_objects,$$(call unit_apps,$$*)) $(lib)
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

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
.PHONY: all FORCE
.SECONDARY:
