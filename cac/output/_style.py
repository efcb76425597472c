"""The style sheet of ``html.py``: colours for light and dark, every selector below ``.cac-result``.

The class is doubled in the selectors so that they win over the table styles of JupyterLab.
"""

from __future__ import annotations

__all__ = ["STYLE"]

_LIGHT = (
    "color-scheme:light;--bg:#fff;--fg:#1c2430;--dim:#5b6675;--line:#dde2e8;--soft:#f5f7f9;"
    "--code:#0b5394;--on:#fdeaa8;--on-line:#c08a00;--badge:#7a5600;--weak:#eef3fb;--weak-line:#7a9cc6;--off:#f3e3e3;"
    "--off-line:#b85c5c;--cue:#7b5ea7;--bar:#2f7d6b;--up:#1f7a4d;--down:#a83232"
)
_DARK = (
    "color-scheme:dark;--bg:#171b21;--fg:#e3e8ee;--dim:#9aa6b4;--line:#333b46;--soft:#1f252d;"
    "--code:#8ec1ff;--on:#5a4810;--on-line:#e0b441;--badge:#f0cd72;--weak:#22334a;--weak-line:#6f95c4;--off:#472a2d;"
    "--off-line:#dc8585;--cue:#b79be6;--bar:#4db79f;--up:#6fd3a0;--down:#f19a9a"
)
_RULES = """
$ {background:var(--bg);color:var(--fg);border:1px solid var(--line);border-radius:8px;padding:14px 16px;
 font:13.5px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;text-align:left;max-width:1180px;
 overflow-x:auto;box-sizing:border-box}
$ .cac-head {display:flex;flex-wrap:wrap;gap:4px 18px;align-items:baseline;padding-bottom:10px}
$ .cac-count b {font-size:17px;font-variant-numeric:tabular-nums}
$ .cac-facts {color:var(--dim);margin-left:auto}
$ .cac-title {font-weight:600;margin:16px 0 6px}
$ .cac-dim {color:var(--dim);font-size:12px}
$ .cac-none {color:var(--dim);margin:8px 0}
$ .cac-foot {color:var(--dim);font-size:12px;margin:10px 0 0}
$ table.cac-table {table-layout:auto;border-collapse:collapse;width:100%;margin:0;font-size:inherit;
 color:inherit}
$ table.cac-table > thead > tr > th {text-align:left;font-weight:600;color:var(--dim);font-size:12px;
 padding:5px 10px;border:0;border-bottom:1px solid var(--line);background:none;white-space:nowrap}
$ table.cac-table > tbody > tr:nth-child(n) {background:none}
$ table.cac-table > tbody > tr:nth-child(n):hover {background:var(--soft)}
$ table.cac-table > tbody > tr > td {text-align:left;vertical-align:top;padding:7px 10px;border:0;
 border-bottom:1px solid var(--line);white-space:normal;overflow-wrap:break-word;max-width:360px}
$ table.cac-table > tbody > tr > td.cac-num, $ table.cac-table > thead > tr > th.cac-num {text-align:right;
 color:var(--dim);width:1.5em;padding-left:2px}
$ th.cac-wide {width:29%}
$ .cac-code {font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-weight:600;
 color:var(--code);white-space:nowrap}
$ td > .cac-code {font-size:14px}
$ td > .cac-code + .cac-dim {display:block;white-space:nowrap}
$ .cac-flag {display:inline-block;font-size:11px;padding:0 6px;border-radius:8px;color:var(--off-line);
 border:1px solid var(--off-line);white-space:nowrap}
$ table.cac-table > tbody > tr > td.cac-score {font-variant-numeric:tabular-nums;white-space:nowrap}
$ .cac-bar {display:block;width:54px;height:5px;border-radius:3px;background:var(--line);margin-top:3px}
$ .cac-bar > span {display:block;height:5px;border-radius:3px;background:var(--bar)}
$ .cac-line {margin:0 0 4px}
$ .cac-line:last-child {margin-bottom:0}
$ q.cac-q {quotes:none;unicode-bidi:isolate;overflow-wrap:break-word}
$ q.cac-q::before {content:"\\201c"}
$ q.cac-q::after {content:"\\201d"}
$ .cac-rule {font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:12px}
$ .cac-reason {white-space:nowrap;color:var(--off-line);font-weight:600}
$ details {margin:0}
$ summary {cursor:pointer;color:var(--dim);font-size:12px}
$ details.cac-below {margin-top:14px}
$ details.cac-below > summary {font-weight:600;font-size:13.5px;color:var(--fg);margin-bottom:4px}
$ table.cac-sub {table-layout:auto;border-collapse:collapse;margin:4px 0;font-size:12px;color:inherit}
$ table.cac-sub > tbody > tr:nth-child(n) {background:none}
$ table.cac-sub > tbody > tr > td {text-align:left;vertical-align:top;padding:1px 10px 1px 0;border:0;
 white-space:normal}
$ table.cac-sub > tbody > tr > td:nth-child(2) {text-align:right;font-variant-numeric:tabular-nums}
$ table.cac-sub > tbody > tr.cac-sum > td {border-top:1px solid var(--line);font-weight:600;
 white-space:nowrap}
$ .cac-up {color:var(--up)}
$ .cac-down {color:var(--down)}
$ ul.cac-list {margin:4px 0;padding-left:18px;font-size:13px}
$ .cac-card {border-left:3px solid var(--bar);background:var(--soft);padding:8px 12px;margin:0 0 8px;
 border-radius:0 6px 6px 0}
$ .cac-arrow {color:var(--dim)}
$ .cac-key {font-weight:400;font-size:12px;margin-left:10px}
$ .cac-note {white-space:pre-wrap;overflow-wrap:anywhere;unicode-bidi:isolate;background:var(--soft);
 border-radius:6px;padding:12px 14px;max-height:480px;overflow-y:auto;
 font:13px/1.9 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
$ .cac-header {font-weight:700}
$ mark {color:inherit;background:none;padding:1px 0}
$ mark.cac-on {background:var(--on);border-bottom:2px solid var(--on-line)}
$ mark.cac-weak {background:var(--weak);border-bottom:2px dashed var(--weak-line)}
$ mark.cac-off {background:var(--off);border-bottom:2px dotted var(--off-line)}
$ mark.cac-cue {border-bottom:2px solid var(--cue)}
$ mark[data-cac]::after {content:attr(data-cac);font-size:9.5px;font-weight:700;color:var(--badge);
 vertical-align:super;line-height:1;margin:0 2px}
"""


def _style() -> str:
    root = ".cac-result.cac-result"
    dark_pages = ('[data-jp-theme-light="false"]', ".vscode-dark")
    light_pages = ('[data-jp-theme-light="true"]', ".vscode-light")
    themes = [
        f"{root} {{{_LIGHT}}}",
        f"@media (prefers-color-scheme:dark) {{{root} {{{_DARK}}}}}",
        # A notebook's own theme beats the system's.
        f"{', '.join(f'{page} {root}' for page in light_pages)} {{{_LIGHT}}}",
        f"{', '.join(f'{page} {root}' for page in dark_pages)} {{{_DARK}}}",
    ]
    return "\n".join(themes) + _RULES.replace("$", root)


STYLE = _style()
