# `make quickstart`: from nothing to pictures. `make test`: the quick and slow tests.
# `make PYTHON=python3.12 …` chooses the interpreter that .venv is made with.

export TF_CPP_MIN_LOG_LEVEL := 3

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: quickstart test lint clean

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
	@echo "Pictures:    $(CURDIR)/pictures/quickstart/grid.png"
	@echo "TensorBoard: $(BIN)/tensorboard --logdir=runs"
	@echo "Yours:       $(BIN)/python generate.py --workdir=runs/quickstart --caption=\"a yellow flower\""

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n 2 --dist=loadfile

lint: $(VENV)/.installed-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: $(VENV)/bin/python setup.py
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	touch $@

clean:
	rm -rf $(VENV) build dist *.egg-info
