"""
Sentences of our own around the public values: what redaction finds in other places.

The data's own sentences were seen while the rules were written, and so were these; yet
no rule names one of either.
"""

from collections.abc import Iterator, Sequence

from bench.redaction_corpus import Row, Stretch

_ANY = (
    'note="{}" agent=7',
    '{{"kind":"lead","entry":"{}","n":3}}',
    "2031-02-03T04:05:06Z WARN label printed: {}",
    "lookup({}) -> none",
    "cache miss for {} (3 ms)",
)
SENTENCES = {
    "email": (
        *_ANY,
        "wrote to <{}>, no reply",
        "GET /reset?mail={}&lang=en HTTP/2",
        "bounced: {}; user unknown",
        "mailto:{}",
    ),
    "phone, with a cue": (
        "please call {} after six",
        "caller={} queue=2 wait=32",
        '{{"event":"otp_sent","phone":"{}","attempt":2}}',
        "GET /lookup?msisdn={}&src=web HTTP/2",
        "my number is {}, thanks",
        "SMS to {} undelivered",
        "Telefon: {} neu",
        "voicemail from {} lasting 32 s",
        "contact number {} added",
    ),
    "phone, without": (*_ANY, "lead {} assigned", "we tried {} in vain"),
    "address": (
        *_ANY,
        "{}",
        "customer moved to {} last week",
        "the parcel for {} came back",
        "wohnt in {} seit 2019",
        "We met the client at {} yesterday.",
    ),
}


def reworded(rows: Sequence[Row], sentences: str) -> Iterator[Row]:
    """Put the value of each row into each sentence; tier and origin stay."""
    for row in rows:
        [span] = row.spans
        value = row.text[span.start : span.end]
        for sentence in SENTENCES[sentences]:
            text = sentence.format(value)
            start = text.index(value)
            stretch = Stretch(start, start + len(value), span.type)
            yield Row(text, row.tier, row.origin, (stretch,), ())
