"""Splits prose into sentences, by NLTK's Punkt (Kiss and Strunk 2006)."""

from collections.abc import Iterable

from nltk.tokenize.punkt import (
    PunktParameters,
    PunktSentenceTokenizer,
    PunktTrainer,
)

# Punkt learns abbreviations from the text itself; these stand for the model trained on
# English newspapers that NLTK offers as a download.
_ABBREVIATIONS = """
    mr mrs ms messrs dr prof rev hon capt col gen lt sgt st mt jr sr esq co corp inc ltd
    no vol pp ch fig etc vs viz cf al i.e e.g a.m p.m u.s jan feb mar apr jun jul aug
    sept oct nov dec
"""


def english_splitter() -> PunktSentenceTokenizer:
    """Returns a splitter that knows common English abbreviations."""
    parameters = PunktParameters()
    parameters.abbrev_types.update(_ABBREVIATIONS.split())
    return PunktSentenceTokenizer(parameters)


def trained_splitter(texts: Iterable[str]) -> PunktSentenceTokenizer:
    """Returns a splitter that has also learnt the abbreviations of these texts."""
    trainer = PunktTrainer()
    for text in texts:
        trainer.train(text, finalize=False)
    trainer.finalize_training()
    parameters = trainer.get_params()
    parameters.abbrev_types.update(_ABBREVIATIONS.split())
    return PunktSentenceTokenizer(parameters)
