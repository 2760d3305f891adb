"""One look for every figure, and where it comes from written into its file."""

import contextlib
import textwrap
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import matplotlib.dates as mdates
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogFormatter, LogFormatterMathtext, MaxNLocator, PercentFormatter

from experiments.show.palette import GREY

if TYPE_CHECKING:
    from matplotlib.typing import RcKeyType

DPI = 130

STYLE: "dict[RcKeyType, Any]" = {
    "figure.constrained_layout.h_pad": 0.08,
    "figure.constrained_layout.w_pad": 0.08,
    "figure.dpi": DPI,
    "font.size": 9.5,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.labelsize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "0.9",
    "grid.linewidth": 0.7,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "lines.linewidth": 1.8,
    "text.parse_math": False,  # a country's words may hold two dollar signs
}


@contextlib.contextmanager
def style() -> Iterator[None]:
    """Draw in the house's style inside this block."""
    with mpl.rc_context(STYLE):
        yield


def canvas(width: float, height: float) -> Figure:
    """Return an empty figure of a size [inches] that needs no screen and keeps its parts apart."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def headline(figure: Figure, finding: str, beneath: str = "") -> None:
    """Write what was found over a figure, folded to its width, and how it was found beneath it."""
    columns = int(figure.get_figwidth() * 9.6)
    figure.suptitle(textwrap.fill(finding, columns), x=0.01, ha="left", fontsize=13, fontweight="bold")
    if beneath:
        words = textwrap.fill(beneath, int(figure.get_figwidth() * 15.5))
        figure.supxlabel(words, x=0.01, ha="left", fontsize=8, color="0.35")


class PlainLog(LogFormatter):
    """The labels of a log axis as plain numbers, with their thousands apart: no mathematics is set."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Return the label of a place, if it has one."""
        return f"{x:,.6g}" if super().__call__(x, pos) else ""


def save(figure: Figure, path: str | Path, record: Mapping[str, Any]) -> Path:
    """Write a figure as PNG with the command, commit and date that made it inside; return its path."""
    path = Path(path)
    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        if isinstance(axis.get_major_formatter(), LogFormatterMathtext):
            axis.set_major_formatter(PlainLog())
        if isinstance(axis.get_minor_formatter(), LogFormatterMathtext):
            axis.set_minor_formatter(PlainLog(minor_thresholds=(1.0, 0.4)))
    told = {"Source": record.get("command"), "Comment": record.get("commit"), "Creation Time": record.get("date")}
    with warnings.catch_warnings():  # a character that the font lacks is drawn as a box, and that is all
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        figure.savefig(path, dpi=DPI, metadata={name: str(value) for name, value in told.items() if value})
    return path


def in_percent(axis: Any, decimals: int = 0) -> None:
    """Show the shares of an axis in percent, at round ones."""
    axis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(PercentFormatter(1.0, decimals=decimals))


def in_people(axis: Any) -> None:
    """Show the numbers of people of an axis with their thousands apart."""
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))


def in_months(axis: Any) -> None:
    """Show an axis of dates by month, at most about seven of them."""
    locator = mdates.AutoDateLocator(minticks=3, maxticks=7)
    axis.set_major_locator(locator)
    axis.set_major_formatter(mdates.ConciseDateFormatter(locator))


def fan(axes: Axes, x: Sequence[Any], quantiles: Mapping[float, np.ndarray], colour: str, label: str = "") -> None:
    """Draw the median of many runs as a line, with half of them and nine tenths of them as bands."""
    axes.fill_between(x, quantiles[0.05], quantiles[0.95], color=colour, alpha=0.18, lw=0, label="90 % of runs" + label)
    axes.fill_between(x, quantiles[0.25], quantiles[0.75], color=colour, alpha=0.35, lw=0, label="half of runs" + label)
    axes.plot(x, quantiles[0.5], color=colour, label="median" + label)


def interval(axes: Axes, x: float, estimate: tuple[float, float, float], colour: str, **style: Any) -> None:
    """Draw a number as a dot with its interval as a whisker: (value, low, high)."""
    value, low, high = estimate
    axes.errorbar(
        x, value, yerr=[[max(0.0, value - low)], [max(0.0, high - value)]], fmt="o", color=colour, capsize=3, ms=5,
        lw=1.6, **style,
    )  # fmt: skip


def share_bar(axes: Axes, x: float, value: float, colour: str, width: float = 0.38) -> None:
    """Draw a share as a pale bar under its dot."""
    axes.bar(x, value, width=width, color=colour, alpha=0.3, lw=0)


def legend_below(axes: Axes, drawn: Sequence[Any] | None = None) -> None:
    """Put a panel's legend, of all or of some that is drawn in it, beneath it, where it can hide nothing."""
    down = -0.13 - 0.05 * bool(axes.get_xlabel())
    axes.legend(handles=drawn, loc="upper left", bbox_to_anchor=(0.0, down), borderaxespad=0.0)


def upright(axes: Axes, x: Any, words: str, *, before: bool = False) -> None:
    """Mark a place on the horizontal axis with a dashed line and a word after it, or before it."""
    axes.axvline(x, color=GREY, lw=1, ls="--")
    axes.annotate(
        words, (x, 1.0), xycoords=("data", "axes fraction"), xytext=(-3 if before else 3, -3),
        textcoords="offset points", va="top", ha="right" if before else "left", fontsize=8, color="0.35",
    )  # fmt: skip
