"""
Measure redaction on the public data, print the tables and write ``docs/redaction.md``.

Run by ``make redaction-report``. Where the data is not, nothing is measured, and the
reason is printed. No text of the data is repeated: misses are named by their origin.
"""

import math
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.redaction_corpus import DATA, KINDS, Kind, load, load_negatives
from bench.redaction_own import load_own
from bench.redaction_recall import Tally, harm, tally, total
from bench.redaction_sentences import SENTENCES, reworded
from bench.redaction_speed import (
    Hostile,
    hostile,
    hostile_json,
    json_milliseconds,
    megabytes_a_second,
    shape_milliseconds,
)
from gateway.redaction.find import find
from gateway.redaction.span import Policy, Span

PAGE = Path(__file__).resolve().parents[1] / "docs" / "redaction.md"
LOGS, TOKENS = "negatives_holmes", "negatives_ops_tokens"
_MOST_MISSES = 5
_RATE, _P99 = 2.0, 50.0
# The bars, in per cent, by table and tier.
BARS = {
    ("email", "plain"): 99.5,
    ("email", "intl"): 90.0,
    ("phone", "international"): 99.9,
    ("phone", "e164"): 99.9,
    ("phone", "rfc3966"): 99.9,
    ("phone", "national"): 95.0,
    ("address, with country", "all"): 80.0,
    ("address, without", "all"): 60.0,
}
_HEAD = """# Redaction: what it finds, and what it can't

Made by `make redaction-report`, never by hand. It reads the open half of the public
data in `../shared/data/pii` (sources and licences: `../shared/data/SOURCES.md`), of
which no text is repeated here. A row counts as found if every letter and digit of its
span is within some redacted span, of whatever type; "as its type" asks for the type
too. The intervals are Wilson's at 95 %. Figures of time are processor time of one core
of a machine that did other work too.

The rules were written against the structure of the things and checked with sentences
and values of our own, but by people who had seen this half. Other sentences will do
worse.
"""
_LIMITS = """
## What it can't do

- **A bare national number** (`021212862` with no word or key beside it) can't be told
  from an id. It is left, unless policy names the region (`phone_regions`). Formatted
  ones count in a value or with a cue; in plain prose only where the form is a phone
  number's own.
- **Addresses in prose.** Only runs of segments between commas or line ends are judged:
  a street and a town without a number, a postcode, a country or a cue are left; a name
  before the street is cut where lower case begins. Streets are known by words and
  endings in some thirty languages; others need a country, a postcode or a cue.
- **Names** are found by what asks for them (`first_name`, `First name:`, a column that
  a database names), never in prose.
- **Dates of birth** need a key, or right before them one of some words (`born on`,
  `geboren am`) and no clock behind them.
- **Keys we don't know** name nothing. `name` and `address` alone are services and hosts
  as often as people. A key that we know hides what could be what it says: `phone` hides
  `ext 4711` and not `ios`, `email` a digest and not `smtp-out`, nor a name without `@`.
- **What is encoded twice**, but for percent signs and JSON in strings, encrypted,
  compressed, or drawn in a picture is not seen. Base64 shorter than 16 signs is decoded
  under telling keys alone.
- **Secrets without a form of their own** and without a telling key: a random word is a
  random word. `code=`, `REDISCLI_AUTH` and a code in prose tell too little; `session=`,
  `sid=`, `csrf=` and `session_id=` hide what has twelve signs and mixes letters and
  digits as no words and numbers are; under `session_id` a UUID stays.
  Without quotes a word of letters alone behind a colon is a secret where the key
  has more than one word or begins its line, where nothing but a comment or a key
  follows, and where the word says nothing of a secret (`expired`); else
  (`his password: correcthorse`) it is prose. A URL's user without a digit, or shorter
  than twelve signs, is a user. A JWT whose first part is longer than 4,000 signs is
  none. Without quotes a secret holds any sign but a blank; it ends before another
  field, a tag, or a bracket or quote that no letter follows. `tokens`, `secrets` and
  `pass` hold counts while they are short. In a text that holds a Kubernetes Secret all
  that stands under `data` is one. Options of other tools than MySQL's (`-p`) are none.
  Nor are a table's cells (`password | x`), a value on the line below in prose, fields
  of other names under a secret's key (`{"passwords": {"kim": …}}`), pairs in a list
  (`["authorization", …]`), and a value without quotes that begins with a bracket or a
  stop (`password=(x`). Letters alone before a bracket and a quote are code that is
  called: `password = get("x")` stays.
- **Keys outrank evidence.** What a telling key names is hidden whole, an instant within
  it too, but for what a line goes on with (`street: Main St 12 ts: …`), an outcome
  (`token=expired`) and a validator's words (`address: is required`).
- **Forms of a field** that are read as text alone: the values of Postgres's `Failing
  row contains (…)`, all but the first of a list without quotes, a list's lines under a
  YAML key, addresses behind `=` without quotes, Go's `[]string{…}`. Without quotes a
  name behind `=` or within a line is one only as names are written: capitals, letters,
  particles (`first_name=kim` stays, as `customer_name=checkout` does).
- **Cards** of other lengths than 15 and 16 digits (Diners', UnionPay's 17 to 19) unless
  they stand in groups, those under a key that names something else (`order`, `ref`),
  and a magnetic track.
- **Speed** is that of a search, line by line, and of JSON whose rows repeat people. To
  replace what is found takes about half as long again, rows about other people each up
  to six times as long (the table of shapes).
- **A number comes back as its digits in a text** (`{"phone": 4155550132}`).
- **National ids** of other schemes than those in `gateway/redaction/national_id.py`,
  and without their cue.
- **Nested JSON** is known by the keys above a field: `address.line1`, `customer.name`,
  `ticket.owner.name`. It is walked wherever it stands in a text, behind a log's prefix,
  over lines, cut off, as far as its texts, keys and numbers follow each other as JSON's
  do; behind a sign that is none of JSON's it is walked from the next bracket, and the
  keys above are forgotten. YAML is read line by line, where a name or an address is
  the rest of the line that its key begins, and what stands above a key tells nothing
  but a secret's. Python's own form is searched as text, where those fields name
  nothing and where an escape right before Base64 or `dob:` hides it. A
  `user.name` in the form `svc-deploy` is a program's. A number with digits behind its
  decimal point stays, but under a secret's key. JSON is walked in eight strings of
  JSON; what is deeper is left out, and says so. Digits that a blank parts from an
  instant (`+442079460018 1761234567123`) may take it with them.
- **A name beside a value** (`{"name": "DB_PASSWORD", "value": …}`) is heard where it
  stands before the value, in JSON that is no string in any order.
- **Other languages' keys** are those of `gateway/redaction/keys.py`, a dozen words.
- **A number that a cue calls a phone's** is one, though it may be an epoch: ten digits
  right behind `call` or `phone:`. `at` before them makes an instant of them, but in
  `call me at`. `T:` and `M:` need nine digits.
- **A password in a URL** ends at the last `@` of its word, so a path with an `@` goes
  with it; one that begins like a port (`1234/`) is left.
- **Quoted-printable** over line breaks, `name (at) host` outside of a key, Chinese and
  Japanese addresses without a break whose region or block no sign ends, and cards with
  dots in them or right behind letters of Chinese or Japanese are not found.
- A card or an IBAN with a typing error fails its check digit, and is left.
"""


def main() -> int:
    if not (DATA / f"{LOGS}.jsonl").is_file():
        print(f"skipped: {DATA} is not there; the report needs the public data")
        return 0
    page = "\n".join([_HEAD, *_tables(), _LIMITS])
    PAGE.write_text(page, encoding="utf-8")
    print(page)
    print(f"written to {PAGE}")
    return 0


def _find(text: str) -> list[Span]:
    return find(text, policy=Policy())


def _tables() -> Iterator[str]:
    tallies = {
        (kind.title, tier): one
        for kind in KINDS
        for tier, one in _tallied(kind).items()
    }
    yield "## Recall\n"
    yield "| what | tier | rows | found | recall | 95 % | as its type | bar | |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for (title, tier), one in tallies.items():
        yield _recall_line(title, tier, one)
    yield "\n## Worst misses, by origin\n"
    for (title, tier), one in tallies.items():
        if one.missed and tier != "all":
            worst = one.missed.most_common(_MOST_MISSES)
            listed = "; ".join(f"{name} ({count})" for name, count in worst)
            yield f"- {title}, {tier}: {sum(one.missed.values())} missed: {listed}"
    yield from _reworded_table()
    yield from _own_table()
    yield from _harm_table()
    yield from _speed_tables()


def _reworded_table() -> Iterator[str]:
    """Ask the same of the same values in sentences of our own."""
    yield "\n## The same values in sentences of our own\n"
    yield "| what | tier | rows | found | recall | 95 % | as its type | bar | |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for sentences in SENTENCES:
        for kind in KINDS:
            if not sentences.startswith(kind.title.split(",")[0]):
                continue
            tallies = tally(reworded(load(DATA, kind), sentences), _find)
            for tier, one in tallies.items():
                yield _recall_line(_title(kind.title, sentences), tier, one)


def _own_table() -> Iterator[str]:
    """Ask for sentences and values that are in no data."""
    tallies = tally(load_own(), _find)
    yield "\n## Sentences and values of our own\n"
    yield (
        "In `bench/redaction_own.txt`: other countries, scripts, cues and breaks than"
        "\nthe data's. Before any rule was mended by them 136 of the 155 were found.\n"
    )
    yield "| what | tier | rows | found | recall | 95 % | as its type | bar | |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    for tier, one in {**tallies, "all": total(tallies.values())}.items():
        yield _recall_line("own", tier, one)
    yield ""
    yield from (
        f"- missed: `{text}`" for one in tallies.values() for text in one.missed
    )


def _title(title: str, sentences: str) -> str:
    return sentences if sentences.startswith(title) else title


def _tallied(kind: Kind) -> dict[str, Tally]:
    tallies = tally(load(DATA, kind), _find)
    if kind.title.startswith("address"):
        tallies["all"] = total(tallies.values())
    return tallies


def _recall_line(title: str, tier: str, one: Tally) -> str:
    low, high = one.interval()
    bar = BARS.get((title, tier))
    verdict = "" if bar is None else _verdict(100 * one.recall >= bar)
    wanted = "" if bar is None else f"≥ {bar} %"
    return (
        f"| {title} | {tier} | {one.rows} | {one.found} | {one.recall:.2%} |"
        f" {low:.1%} to {high:.1%} | {one.typed} | {wanted} | {verdict} |"
    )


def _harm_table() -> Iterator[str]:
    yield "\n## What it leaves alone\n"
    yield "| text | characters | redacted wrongly | share | must_keep spans | damaged |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for file, title in ((LOGS, "real logs and kubectl output"), (TOKENS, "ops tokens")):
        done = harm(load_negatives(DATA, file), _find)
        kinds = ", ".join(f"{kind} {n}" for kind, n in done.by_kind.items() if n)
        yield (
            f"| {title} | {done.characters} | {done.wrong}{f' ({kinds})' * bool(kinds)}"
            f" | {done.share:.4%} | {done.kept} | {done.damaged} |"
        )
    yield "\nBars: at most 0.05 % of the characters of real logs, and no damaged span."


def _speed_tables() -> Iterator[str]:
    logs = [row.text for row in load_negatives(DATA, LOGS)]
    times = json_milliseconds(logs)
    p99 = times[math.ceil(0.99 * len(times)) - 1]
    rate = megabytes_a_second(logs)
    yield "\n## Speed\n"
    yield "| what | measured | bar | |"
    yield "| --- | --- | --- | --- |"
    met = _verdict(rate >= _RATE)
    yield f"| logs, line by line | {rate:.2f} MB/s | ≥ 2 MB/s | {met} |"
    yield (
        f"| JSON of 64 KB, p99 of {len(times)} | {p99:.1f} ms (p50"
        f" {times[len(times) // 2]:.1f}) | < 50 ms | {_verdict(p99 < _P99)} |"
    )
    yield (
        "\nThe bar's documents are log lines and a person's record to ten of them. Of"
        "\nother shapes, each row about somebody else, without a bar:\n"
    )
    yield "| JSON of 64 KB | p50, ms | slowest, ms |"
    yield "| --- | --- | --- |"
    for name, each in shape_milliseconds().items():
        yield f"| {name} | {each[len(each) // 2]:.1f} | {each[-1]:.1f} |"
    yield "\n## Hostile lines\n"
    yield "One line of 1 MB; twice the length should take twice the time.\n"
    yield "| line | 0.5 MB, s | 1 MB, s | ratio |"
    yield "| --- | --- | --- | --- |"
    yield from (_hostile_line(f"`{one.name}`", one) for one in hostile())
    yield "\n## Hostile JSON\n"
    yield (
        "One document of 1 MB, walked and searched, without the collector of garbage;"
        "\ntwice the document should take twice the time.\n"
    )
    yield "| document | 0.5 MB, s | 1 MB, s | ratio |"
    yield "| --- | --- | --- | --- |"
    yield from (_hostile_line(one.name, one) for one in hostile_json())


def _hostile_line(name: str, one: Hostile) -> str:
    return f"| {name} | {one.half:.2f} | {one.whole:.2f} | {one.ratio:.2f} |"


def _verdict(is_met: bool) -> str:  # noqa: FBT001 - it is all that it is given
    return "met" if is_met else "missed"


if __name__ == "__main__":
    sys.exit(main())
