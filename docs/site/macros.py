"""What the guide's pages may call between double braces, so that no number in them is written by hand.

Facts of functions come from the catalogue (every entry by its name), what was measured from the files that the benchmarks and the recipes
wrote, pictures from the list of docs/figures.py.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import jinja2
import korean
import recipe_pages
from function_pages import picture, plain

from ogive import choices, initializers
from ogive.catalogue import entries, get
from ogive.pictures.views import views
from ogive.recipes import reading
from ogive.verdict import Verdict

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "docs"))
from figures import PICTURES  # noqa: E402 - a script beside the guide, in no package

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Macros:
    """What pages of a language call."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.home = "../../.." if language == "ko" else "../.."

    def word(self, text: str) -> str:
        """In the page's language."""
        return korean.WORDS[text] if self.language == "ko" else text

    def facts(self, *names: str) -> str:
        """A table of what is known of activations."""
        rows = []
        for entry in map(get, names):
            low, high = map(_short, entry.range)
            kinks = ", ".join(f"{kink.at:g}" for kink in entry.kinks) or self.word("none")
            rows.append(
                (self.link(entry.name), f"{low} … {high}", self.word("yes" if entry.zero_centred else "no"), self.word(entry.saturates),
                 _short(entry.lipschitz), kinks, f"`{entry.initializer}`" if entry.initializer else self.word("none"))
            )  # fmt: skip
        return self._table(("function", "range", "centred", "saturates", "largest slope", "kinks", "initialiser"), rows)

    def rules(self) -> str:
        """The rules of choice for the hidden activation, in the order in which `ogive suggest` asks them."""
        rows = [
            (self.word(rule.when), self.link(rule.hidden), f"`{get(rule.hidden).initializer}`", self._tried(rule.why))
            for rule in choices.RULES
        ]
        return self._table(("where", "hidden activation", "initialiser", "what our recipe measured"), rows)

    def _tried(self, reason: choices.Reason) -> str:
        """The verdicts of the recipes that try a reason, with links to their reports."""
        return " ".join(
            f"{' '.join(map(self.said, trial.verdicts))} [{trial.recipe}]({self._recipe(trial.recipe)})" for trial in reason.trials
        )

    def pairs(self) -> str:
        """The output activation and the loss for each kind of target."""
        rows = []
        for target, pairing in choices.PAIRINGS.items():
            loss = get(pairing.loss, "loss")
            link = (loss.forms[pairing.given] if pairing.given else loss.term).link
            rows.append((self.word(target), self.link(link), self.link(loss.name), f"`{pairing.given}`" if pairing.given else ""))
        return self._table(("target", "output", "loss", "given"), rows)

    def link(self, name: str) -> str:
        """A function with a link to its page."""
        return f"[{get(name).name}]({self.home}/functions/{get(name).name}.md)"

    def picture(self, name: str, caption: str) -> str:
        """One of the pictures of docs/figures.py."""
        functions, options = PICTURES[name]
        return picture(views(functions, **options), caption)

    def recipe(self, name: str) -> str:
        """How a recipe is run, and what it said when it was run in full, with its first picture."""
        if name not in reading.names():
            return ""
        parts = [f"```console\n$ ogive recipe {name}\n```"]
        said = choices.verdicts().get(name)
        if said is not None:
            parts.append("\n".join(f"> - {self.said(verdict)}" for verdict in said))
            parts += recipe_pages.pictures(name, self.language)[:1]
            parts.append(f"[{self._title(name)}]({self._recipe(name)})")
        return "\n\n".join(parts)

    def _title(self, name: str) -> str:
        return self.word(reading.read(name).title)

    def _recipe(self, name: str) -> str:
        """Where a recipe's page is."""
        return f"{self.home}/docs/recipes/{'ko/' if self.language == 'ko' else ''}{name}.md"

    def said(self, verdict: Verdict) -> str:
        """A verdict in the page's language."""
        return verdict.said_in(korean.VERDICTS) if self.language == "ko" else str(verdict)

    def comparison(self) -> str:
        """The table of the comparison that docs/picture.py runs."""
        headings, _, *rows = _rows(ROOT / "docs" / "compare.md")
        shown = [headings.index(heading) for heading in ("rank", "group", "activation", "accuracy", "to the best", "rate", "init")]
        found = _table([headings[place] for place in shown], [[row[place] for place in shown] for row in rows])
        return korean.marked(found) if self.language == "ko" else found

    def speed(self, slow: str, fast: str, table: str = "value, float32, 100 thousand") -> str:
        """How many times as long one function takes as another, as the benchmark measured it."""
        results = json.loads((ROOT / "benchmarks" / "results" / "speed.json").read_text(encoding="utf-8"))
        measured = next(iter(results["measured"].values()))[table]
        return f"{measured[slow]['microseconds']['ogive'] / measured[fast]['microseconds']['ogive']:.1f}"

    def cell(self, file: str, row: str, column: str) -> str:
        """A cell of a table of benchmarks/results, by the beginnings of its row and its heading."""
        cells = _rows(ROOT / "benchmarks" / "results" / file)
        found = next(i for i, line in enumerate(cells) if line[0] == row)
        headings = next(line for line in reversed(cells[:found]) if any(cell.startswith(column) for cell in line))
        return cells[found][next(i for i, cell in enumerate(headings) if cell.startswith(column))]

    def _table(self, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
        return _table([self.word(heading) for heading in headings], rows)


def _short(claim: float | str) -> str:
    """A claim of an entry in three digits, or its formula."""
    return plain(claim) if isinstance(claim, str) else digits(claim)


def _rows(file: Path) -> list[list[str]]:
    """The cells of a text's tables."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in [headings, ["---"] * len(headings), *rows])


def digits(value: float, count: int = 3) -> str:
    """A number in so many digits, as people write it."""
    mantissa, _, exponent = f"{float(value):.{count}g}".replace("-", "−").replace("inf", "∞").partition("e")
    return f"{mantissa}·10{str(int(exponent.replace('−', '-'))).translate(_RAISED)}" if exponent else mantissa


def expand(text: str, language: str) -> str:
    """A page with its calls replaced by what they give; an unknown name is an error."""
    macros = Macros(language)
    known = {
        name: getattr(macros, name) for name in ("facts", "rules", "pairs", "link", "picture", "recipe", "comparison", "speed", "cell")
    }
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False, keep_trailing_newline=True)  # noqa: S701 - Markdown
    environment.filters["digits"] = digits
    drawing = {name: initializers.get(name) for name in ("lecun_normal", "glorot_normal", "he_normal")}
    environment.globals |= {entry.name: entry for entry in entries()} | drawing | known
    return environment.from_string(text).render()
