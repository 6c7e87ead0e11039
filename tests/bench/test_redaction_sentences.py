"""Other sentences around a value: its span moves with it."""

from bench.redaction_corpus import Row, Stretch
from bench.redaction_sentences import SENTENCES, reworded


def test_the_span_is_the_values() -> None:
    """In each sentence, of each kind; tier and origin are the row's."""
    row = Row("x kim y", "tier", "origin", (Stretch(2, 5, "NAME"),), ())
    for kind, sentences in SENTENCES.items():
        found = list(reworded([row], kind))

        assert len(sentences) == len(found)
        for one in found:
            [span] = one.spans
            assert "kim" == one.text[span.start : span.end]
            assert ("tier", "origin", "NAME") == (one.tier, one.origin, span.type)
