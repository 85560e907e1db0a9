"""How pages look: one column of readable width, light and dark, on screen and on paper."""

STYLE = """
:root {
  --paper: #fdfdfb; --ink: #22262b; --soft: #5c6570; --line: #dcdfe3; --field: #f3f4f2;
  --accent: #0b62a3; --hint: #8a6100; --good: #1d6b3f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #16191d; --ink: #e3e6ea; --soft: #a3adb8; --line: #343a42; --field: #1f2429;
    --accent: #7cbcf0; --hint: #e2b452; --good: #77c998;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0 auto; max-width: 46rem; padding: 3rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 1.0625rem/1.6 system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif;
}
h1, h2, h3 { line-height: 1.25; text-wrap: balance; }
h1 { margin: .2rem 0 .8rem; font-size: 2.25rem; letter-spacing: -.01em; }
h2 { font-size: 1.4rem; }
h3 { margin: 0 0 .4rem; font-size: 1rem; }
a { color: var(--accent); text-underline-offset: .15em; }
a:focus-visible, summary:focus-visible, pre:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.kind, .time, figcaption, footer { color: var(--soft); font-size: .875rem; }
.kind { margin: 0; }
.lead { font-size: 1.15rem; }
.time { font-weight: 400; white-space: nowrap; }
nav { margin: 2rem 0; padding: 1rem 1.25rem; border: 1px solid var(--line); border-radius: .5rem; }
nav h2, .data h2 { margin: 0 0 .5rem; font-size: 1rem; }
nav ol { margin: 0; padding-left: 1.8rem; columns: 2 17rem; column-gap: 2rem; font-size: .94rem; }
nav li { break-inside: avoid; padding: .1rem 0; }
nav li::marker { color: var(--soft); font-variant-numeric: tabular-nums; }
.data { padding: 1rem 1.25rem; border-radius: .5rem; background: var(--field); font-size: 1rem; }
.data p { margin: 0; }
article { margin-top: 3rem; padding-top: 1.5rem; border-top: 1px solid var(--line); scroll-margin-top: 1rem; }
article > h2 { display: flex; flex-wrap: wrap; align-items: baseline; gap: .6rem; margin: 0 0 1rem; }
.number { min-width: 1.4rem; color: var(--accent); font-variant-numeric: tabular-nums; }
h2 .time { margin-left: auto; }
code, pre { font-family: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", monospace; font-size: .9em; }
:not(pre) > code { padding: .1em .3em; border-radius: .25rem; background: var(--field); overflow-wrap: break-word; }
pre {
  margin: .75rem 0; padding: .9rem 1rem; overflow-x: auto; border-radius: .4rem; background: var(--field);
  font-size: .85rem; line-height: 1.5;
}
pre code { font-size: 1em; }
table { display: block; margin: 1rem 0; overflow-x: auto; border-collapse: collapse; font-size: .95rem; }
th, td { padding: .35rem .8rem; border-bottom: 1px solid var(--line); text-align: left; }
th { font-weight: 600; }
details { margin: .6rem 0; padding: 0 0 0 1rem; border-left: 3px solid var(--line); }
details p { margin: .2rem 0 .5rem; }
summary { padding: .3rem 0; color: var(--soft); cursor: pointer; font-weight: 600; }
.hint { border-color: var(--hint); }
.hint > summary { color: var(--hint); }
.solution { border-color: var(--good); }
.solution > summary { color: var(--good); }
.check { padding: .6rem 1rem; border: 1px solid var(--line); border-radius: .4rem; font-size: .95rem; }
.quiz { margin: 1.25rem 0; padding: 1rem 1.25rem; border-radius: .5rem; background: var(--field); }
.quiz > p, .quiz details p { margin: .3rem 0; }
.quiz ul { margin: .5rem 0 0; padding: 0; list-style: none; }
.quiz li { padding: .4rem 0; border-top: 1px solid var(--line); }
.quiz details { margin: 0; padding: 0; border: 0; font-size: .95rem; }
.quiz summary { padding: .1rem 0; color: var(--accent); font-weight: 400; font-size: .9rem; }
figure { margin: .5rem 0; }
figcaption { margin-top: .5rem; }
footer { margin-top: 4rem; padding-top: 1rem; border-top: 1px solid var(--line); }
@media (max-width: 30rem) { body { padding-top: 1.5rem; font-size: 1rem; } h1 { font-size: 1.75rem; } }
@media print {
  :root {
    --paper: #fff; --ink: #000; --soft: #444; --line: #bbb; --field: #f4f4f4;
    --accent: #000; --hint: #000; --good: #000;
  }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  article { break-before: auto; margin-top: 1.5rem; }
  h2, h3, summary { break-after: avoid; }
  pre, table, .quiz li { break-inside: avoid; }
  pre { white-space: pre-wrap; }
  a { text-decoration: none; }
}
"""
