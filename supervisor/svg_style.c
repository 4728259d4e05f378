/* SPDX-License-Identifier: ISC */
/*
 * svg_style: see svg.h. Colours after Okabe and Ito, a little darker on white; what they stand for
 * can be told apart by those who see no red or no green, and failures also by their stripes.
 */
#include "supervisor/svg.h"

const char svg_style[] =
    ".ground{fill:#fff;stroke:#d1d9e0}.track{fill:#eff2f5}.grid{stroke:#d1d9e0}"
    "text{fill:#1f2328;font-size:12px}.title{font-size:15px;font-weight:600}"
    ".label{font-size:13px;font-weight:600}.soft{fill:#59636e;font-size:11px}"
    ".mark{fill:#59636e;font-size:11px;text-anchor:middle}.right,.tiny{text-anchor:end}"
    ".tiny{fill:#59636e;font-size:9px}.progress{fill:#8c7fb8}"
    ".cpu{fill:#d68910;stroke:#d68910}.mixed{fill:#0f9a6e;stroke:#0f9a6e}"
    ".wait{fill:#4a9fd8;stroke:#4a9fd8}rect.cpu,rect.mixed,rect.wait,rect.failed,.areas "
    "path{stroke:none}"
    ".gap{stroke:#1f2328;stroke-width:1.5;stroke-dasharray:4 3}"
    "text.in{fill:#111;font-size:10px}"
    "text.over{paint-order:stroke;stroke:#fff;stroke-opacity:.7;stroke-width:3px}"
    ".stripe{fill:#a40e26}.bad{fill:url(#stripes);stroke:#a40e26}.failed{fill:#a40e26;stroke:#"
    "a40e26}"
    "text.alarm{fill:#a40e26;font-size:11px}"
    ".earlier{fill:url(#stripes);fill-opacity:.35;stroke:#a40e26;stroke-dasharray:3 2}"
    ".full1{stroke-opacity:.3}.full2{stroke-opacity:.55}.full3{stroke-opacity:.8}"
    "@media (prefers-color-scheme:dark){"
    ".progress{fill:#8d80c0}.ground{fill:#0d1117;stroke:#3d444d}.track{fill:#1b222c}.grid{stroke:#"
    "3d444d}"
    "text{fill:#f0f6fc}.gap{stroke:#f0f6fc}.soft,.mark,.tiny{fill:#9198a1}"
    ".cpu{fill:#e69f00;stroke:#e69f00}.mixed{fill:#2bb88a;stroke:#2bb88a}"
    ".wait{fill:#56b4e9;stroke:#56b4e9}"
    ".stripe{fill:#c01c33}.bad,.earlier{stroke:#ff7b72}.failed{fill:#ff2d55;stroke:#ff2d55}text."
    "alarm{fill:#ff7b72}}";
