"""Charts that live in a workbook and are drawn by the spreadsheet program from the cells beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

#: colours in the order of the columns drawn, and their marks: told apart without colour
COLOURS = ("1F55C4", "B47500", "12877A", "7D63C6", "CF3A2F", "868F9D")
MARKS = ("circle", "diamond", "square", "triangle", "x", "star")


@dataclass(frozen=True)
class Drawn:
    """One column that is drawn: its place in the table, and those of what its interval adds above and below.

    `points` draws marks without a line between them, `dashed` a line without marks.
    """

    column: int
    plus: int | None = None
    minus: int | None = None
    points: bool = False
    dashed: bool = False


@dataclass(frozen=True)
class Plot:
    """A chart of a sheet: lines or lying bars over the labels' column, or points across a column.

    Columns are counted from 0, as in the sheet's table. A scatter draws one named point a row: `across` is its x.
    """

    kind: Literal["line", "bar", "scatter"]
    title: str
    labels: int
    drawn: Sequence[Drawn]
    across: int | None = None
    #: the ends of the value axis
    bounds: tuple[float, float] | None = None
    axis: str = ""
    across_axis: str = ""
    #: width and height in centimetres
    size: tuple[float, float] = (24, 11)


def add_plots(worksheet: Any, plots: Sequence[Plot], *, header_row: int, rows: int, columns: int) -> None:
    """Put charts right of a table whose header stands in a row, one below the other; none for a table of no rows."""
    from openpyxl.utils import get_column_letter

    if not rows:
        return
    top = header_row
    for plot in plots:
        chart = _KINDS[plot.kind](worksheet, plot, header_row, rows)
        chart.title = plot.title
        for title in (chart.title, chart.x_axis.title, chart.y_axis.title):
            if title is not None:
                title.overlay = False  # else newer programs lay it over the plot
        chart.width, chart.height = plot.size
        worksheet.add_chart(chart, f"{get_column_letter(columns + 2)}{top}")
        top += round(plot.size[1] * 2) + 2  # a row is about half a centimetre high


def _reference(worksheet: Any, column: int, first: int, last: int) -> Any:
    from openpyxl.chart import Reference

    return Reference(worksheet, min_col=column + 1, min_row=first, max_row=last)


def _over_labels(worksheet: Any, plot: Plot, header_row: int, rows: int) -> Any:
    """Lines over months, or lying bars with the first row on top."""
    from openpyxl.chart import BarChart, LineChart

    chart: Any = LineChart() if plot.kind == "line" else BarChart()
    for number, drawn in enumerate(plot.drawn):
        chart.add_data(_reference(worksheet, drawn.column, header_row, header_row + rows), titles_from_data=True)
        series = chart.series[-1]
        _errors(worksheet, series, drawn, header_row, rows, along="y" if plot.kind == "line" else None)
        (_dress_line if plot.kind == "line" else _dress_bar)(series, drawn, number)
    chart.set_categories(_reference(worksheet, plot.labels, header_row + 1, header_row + rows))
    if plot.kind == "bar":
        chart.type, chart.gapWidth = "bar", 60
        chart.x_axis.scaling.orientation = "maxMin"
    _axes(chart, plot)
    return chart


def _scattered(worksheet: Any, plot: Plot, header_row: int, rows: int) -> Any:
    """One named point a row."""
    from openpyxl.chart import ScatterChart, Series
    from openpyxl.chart.label import DataLabelList
    from openpyxl.chart.series import SeriesLabel, StrRef
    from openpyxl.utils import get_column_letter

    chart: Any = ScatterChart()
    chart.scatterStyle = "lineMarker"
    assert plot.across is not None
    drawn = plot.drawn[0]
    for row in range(header_row + 1, header_row + rows + 1):
        across = _reference(worksheet, plot.across, row, row)
        series = Series(_reference(worksheet, drawn.column, row, row), across)
        name = f"'{worksheet.title}'!${get_column_letter(plot.labels + 1)}${row}"
        series.tx = SeriesLabel(strRef=StrRef(name))
        _dress_line(series, Drawn(drawn.column, points=True), 0)
        series.dLbls = DataLabelList(
            showSerName=True, showVal=False, showLegendKey=False, showCatName=False, dLblPos="r"
        )
        chart.series.append(series)
    _axes(chart, plot)
    chart.legend = None
    chart.x_axis.title = plot.across_axis or None
    return chart


def _errors(worksheet: Any, series: Any, drawn: Drawn, header_row: int, rows: int, *, along: str | None) -> None:
    """The interval as the series' own error bars; those of bars lie along them and name no direction."""
    if drawn.plus is None or drawn.minus is None:
        return
    from openpyxl.chart.data_source import NumDataSource, NumRef
    from openpyxl.chart.error_bar import ErrorBars

    def source(column: int) -> Any:
        cells = _reference(worksheet, column, header_row + 1, header_row + rows)
        return NumDataSource(numRef=NumRef(f=str(cells)))

    bars = ErrorBars(
        errDir=along, errBarType="both", errValType="cust", plus=source(drawn.plus), minus=source(drawn.minus)
    )
    # the order of the standard, which the library turns around: programs may refuse a file that departs from it
    bars.__elements__ = ("errDir", "errBarType", "errValType", "noEndCap", "plus", "minus", "val", "spPr")
    series.errBars = bars
    series.errBars.spPr = _outline("5F6A7C", 9525)


def _dress_line(series: Any, drawn: Drawn, number: int) -> None:
    colour = COLOURS[number % len(COLOURS)]
    series.smooth = False
    line = series.graphicalProperties.line
    if drawn.points:  # either a fill or none: a file with both is refused
        line.noFill = True
    else:
        line.solidFill, line.width = colour, 22_000
    if drawn.dashed:
        line.dashStyle = "dash"
        series.marker.symbol = "none"
        return
    series.marker.symbol, series.marker.size = MARKS[number % len(MARKS)], 6
    series.marker.graphicalProperties.solidFill = colour
    series.marker.graphicalProperties.line.solidFill = colour


def _dress_bar(series: Any, _drawn: Drawn, number: int) -> None:
    series.graphicalProperties.solidFill = COLOURS[number % len(COLOURS)]


def _outline(colour: str, width: int) -> Any:
    from openpyxl.chart.shapes import GraphicalProperties
    from openpyxl.drawing.line import LineProperties

    return GraphicalProperties(ln=LineProperties(solidFill=colour, w=width))


def _axes(chart: Any, plot: Plot) -> None:
    """Both axes shown (newer programs hide them otherwise), the value axis within its bounds."""
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.title = plot.axis or None
    chart.y_axis.number_format = "0"
    chart.y_axis.majorGridlines.spPr = _outline("E0E4E9", 9525)
    if plot.bounds:
        chart.y_axis.scaling.min, chart.y_axis.scaling.max = plot.bounds
    chart.legend.position = "b"
    if len(plot.drawn) == 1:
        chart.legend = None


_KINDS = {"line": _over_labels, "bar": _over_labels, "scatter": _scattered}
