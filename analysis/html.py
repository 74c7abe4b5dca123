"""A few pieces of HTML: tables, pictures inside the page, the style sheet. Everything that is text gets
escaped.
"""

from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape

STYLE = """
:root { --ink: #1d2733; --soft: #5c6b7a; --line: #dde3e9; --panel: #f6f8fa; --accent: #0072B2; }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; color: var(--ink); margin: 0 auto;
  max-width: 1120px; padding: 28px 24px 60px; background: #fff; }
h1 { font-size: 26px; margin: 0 0 2px; }
h2 { font-size: 18px; margin: 34px 0 10px; padding-bottom: 4px; border-bottom: 1px solid var(--line); }
p.lead { color: var(--soft); margin: 0 0 18px; }
.verdict { border-left: 6px solid; border-radius: 6px; padding: 12px 18px; margin: 16px 0; background:
var(--panel); } .verdict strong { font-size: 18px; }
.verdict ul { margin: 6px 0 0; padding-left: 20px; }
.passed { border-color: #009E73; } .failed { border-color: #D55E00; } .inconclusive { border-color: #E69F00; }
.passed strong { color: #007a59; } .failed strong { color: #b04c00; } .inconclusive strong { color: #9a6a00; }
table { border-collapse: collapse; margin: 8px 0 14px; font-variant-numeric: tabular-nums; font-size: 14px; }
caption { text-align: left; font-weight: 600; padding: 6px 0; }
th, td { padding: 3px 14px 3px 0; text-align: right; border-bottom: 1px solid var(--line); white-space:
nowrap; } th { color: var(--soft); font-weight: 600; }
th:first-child, td:first-child { text-align: left; padding-right: 26px; }
tr.off td { color: #b04c00; font-weight: 600; }
table.settings td { text-align: left; white-space: normal; }
.pictures { display: flex; flex-wrap: wrap; gap: 22px; align-items: flex-start; }
figure { margin: 0; }
figure img { max-width: 100%; height: auto; display: block; }
figure.half { flex: 1 1 440px; max-width: 620px; } figure.whole { flex: 1 1 100%; }
figcaption { color: var(--soft); font-size: 13px; max-width: 90ch; margin-top: 4px; }
.tables { display: flex; flex-wrap: wrap; gap: 8px 48px; align-items: flex-start; }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: 12px; overflow-x:
auto;
  font-size: 13px; line-height: 1.4; }
summary { cursor: pointer; color: var(--accent); }
footer { margin-top: 40px; color: var(--soft); font-size: 13px; }
"""


def page(title: str, body: Iterable[str]) -> str:
    """A whole page that needs nothing but itself."""
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
    return f'<!doctype html>\n<html lang="en"><head>{head}<style>{STYLE}</style></head>\n<body>\n' + "\n".join(
        [*body, "</body></html>\n"]
    )


def table(
    caption: str, head: Sequence[str], rows: Iterable[Sequence[str]], off: Iterable[int] = (), css: str = ""
) -> str:
    """A table of texts; the rows numbered in `off` stand out."""
    marked = set(off)
    lines = [f'<table class="{css}"><caption>{escape(caption)}</caption>']
    if head:
        lines.append("<tr>" + "".join(f"<th>{escape(cell)}</th>" for cell in head) + "</tr>")
    for k, row in enumerate(rows):
        cells = "".join(f"<td>{escape(cell)}</td>" for cell in row)
        lines.append(f'<tr class="off">{cells}</tr>' if k in marked else f"<tr>{cells}</tr>")
    return "\n".join([*lines, "</table>"])


def picture(png: bytes, caption: str, css: str = "half") -> str:
    """A PNG inside the page, with the text below it, which is also what screen readers say."""
    source = "data:image/png;base64," + b64encode(png).decode()
    text = escape(caption)
    return f'<figure class="{css}"><img alt="{text}" src="{source}"><figcaption>{text}</figcaption></figure>'


def folded(title: str, content: str) -> str:
    """Something long, behind a click."""
    return f"<details><summary>{escape(title)}</summary>{content}</details>"


def preformatted(text: str) -> str:
    """Text as it is."""
    return f"<pre>{escape(text)}</pre>"
