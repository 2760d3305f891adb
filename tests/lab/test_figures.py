"""Figures take the words of their users as they are: dollars, signs that no font has, and days on which nothing is."""

import warnings

import numpy as np
import pytest

from experiments.show.figures import canvas, headline, save, style

WORDS = ["from $5 to $9", r"$\frac{", "$$", "a_b^c $x_{$", "\N{SNOWMAN}\N{OLD ITALIC LETTER A}\N{HIRAGANA LETTER A}"]


@pytest.mark.parametrize("words", WORDS)
def test_words_are_drawn_as_they_are_written(tmp_path, words):
    with style(), warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = canvas(4.0, 3.0)
        axes = figure.add_subplot()
        axes.plot([0, 1], [0, 1], label=words)
        axes.set(title=words, xlabel=words)
        axes.set_yticks([0, 1], [words, words])
        axes.legend()
        headline(figure, words, words)
        assert save(figure, tmp_path / "figure.png", {}).stat().st_size > 0
        assert not axes.title.get_parse_math()


@pytest.mark.parametrize("ends", [(1.0, 1e6), (0.002, 0.4), (1.1, 4.0), (2_000.0, 2e6)])
def test_a_log_axis_has_plain_labels(tmp_path, ends):
    with style():
        figure = canvas(4.0, 3.0)
        axes = figure.add_subplot()
        axes.plot(ends, ends)
        axes.set(xscale="log", yscale="log", xlim=ends)
        save(figure, tmp_path / "figure.png", {})
        ticks = [*axes.get_xticklabels(), *axes.get_xticklabels(minor=True)]
        labels = [tick.get_text() for tick in ticks if tick.get_text()]
    assert len(labels) >= 2 and not any("$" in label for label in labels)
    assert np.isfinite([float(label.replace(",", "")) for label in labels]).all()
