# `make quickstart`: from nothing to images. `make test`: the quick and slow tests.
# `make PYTHON=python3.12 …` chooses the interpreter that .venv is made with; without it,
# python3 is taken, or the newest other one, that fits.

export TF_CPP_MIN_LOG_LEVEL := 3

# TensorFlow has wheels for these; a venv needs ensurepip, which Debian packs apart.
FITS := -c 'import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))'
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
	if "$$python" $(FITS) 2>/dev/null; then echo "$$python"; break; fi; done)
NEEDED := expected Python 3.11, 3.12 or 3.13 with its venv module, as: make PYTHON=/path/to/python3.12
VENV := .venv
BIN := $(VENV)/bin

.PHONY: quickstart test test-short test-lowest lint clean python

quickstart: $(VENV)/.installed
	$(BIN)/python -m data_prep --dataset=rendered_flowers \
		--cache_dir=data/rendered_flowers \
		--encoder_kind=uni --encoder_dim=128 --encoder_word_dim=64
	$(BIN)/python train.py --flagfile=configs/quickstart.cfg
	$(BIN)/python generate.py --workdir=runs/quickstart --seeds=0-7 \
		--outdir=pictures/quickstart \
		--caption="this flower has long pink petals and a yellow center" \
		--caption="a white flower with pointed petals" \
		--caption="the petals of this flower are blue and round" \
		--caption="a flower with many red petals" \
		--caption="this flower has orange petals and green leaves" \
		--caption="purple petals surround a dark center"
	@echo
	@echo "Images:      pictures/quickstart/grid.png"
	@echo "TensorBoard: $(BIN)/tensorboard --logdir=runs"
	@echo "Yours:       $(BIN)/python generate.py --workdir=runs/quickstart --caption='a yellow flower'"

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n 2 --dist=loadfile

# What may differ between Pythons: the verbs, and what AutoGraph compiles.
SHORT := tests/foundation tests/skipthoughts/training/test_skip_thoughts.py \
	tests/skipthoughts/training/test_triplet.py tests/text_to_image/training/test_loop.py \
	tests/text_to_image/training/test_compiled_steps.py tests/text_to_image/cli \
	tests/data_prep/test_main.py

test-short: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n 2 --dist=loadfile $(SHORT)

# The quick tests on the lower bounds of setup.py, of the oldest Python that is found.
LOWEST := .venv-lowest
test-lowest:
	$(or $(OLDEST),$(error no Python: $(NEEDED))) -m venv --clear $(LOWEST)
	$(LOWEST)/bin/python tests/lower_bounds.py > $(LOWEST)/constraints.txt
	$(LOWEST)/bin/python -m pip install --quiet --editable ".[dev]" \
		--constraint $(LOWEST)/constraints.txt
	$(LOWEST)/bin/python -m pytest -n 2 --dist=loadfile -m "not slow"
OLDEST = $(shell for python in python3.11 python3.12 python3 python3.13; do \
	if "$$python" $(FITS) 2>/dev/null; then echo "$$python"; break; fi; done)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# Says which Python is taken.
python:
	@echo $(FITTING)

# PYTHON where it fits; otherwise one line that ends make.
FITTING = $(if $(PYTHON),$(if $(call fits),$(PYTHON),$(error $(PYTHON) is \
	$(or $(shell $(PYTHON) --version 2>/dev/null),not a Python that runs): $(NEEDED))),$(error \
	found $(or $(shell python3 --version 2>/dev/null),no python3 that runs): $(NEEDED)))
fits = $(shell $(PYTHON) $(FITS) 2>/dev/null && echo yes)

$(VENV)/bin/python:
	$(FITTING) -m venv --clear $(VENV)

# Of an earlier call, perhaps with another PYTHON.
ifeq ($(origin PYTHON),command line)
VERSION := -c 'import sys; print("%d.%d" % sys.version_info[:2])'
MADE_WITH := $(if $(wildcard $(BIN)/python),$(shell $(BIN)/python $(VERSION)))
WANTED := $(shell $(PYTHON) $(VERSION) 2>/dev/null)
ifneq ($(MADE_WITH),$(if $(MADE_WITH),$(WANTED)))
$(error $(VENV) has Python $(MADE_WITH), not $(or $(WANTED),$(PYTHON)): first make clean, or choose another folder, as VENV=.venv-$(WANTED))
endif
endif

$(VENV)/.installed: $(VENV)/bin/python setup.py
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info
