/** How the page looks. Colours of series differ in lightness too, and lines in their dashes. */
export const stylesheet: string = `
:root{color-scheme:light dark;--page:#fcfbf9;--card:#fff;--ink:#1b1d22;--soft:#575c66;--edge:#d9d6cf;--grid:#e9e6df;--accent:#1f3d8a;--warn:#9a3412;--good:#166534;--flag:#fef0c7;
--s0:#1f3d8a;--s1:#c2410c;--s2:#0e8f83;--s3:#7c3aed;--s4:#5b6270;--s5:#a16207;--s6:#9d174d;--s7:#3f6212;
--p0:#1f3d8a;--p1:#8fabe3;--p2:#b23c0a;--p3:#f0ab80;--p4:#0b6b62;--p5:#83cbc2;--p6:#5b21b6;--p7:#bda4ec;--hatch:#ffffffb0}
@media screen and (prefers-color-scheme:dark){:root{--page:#14161a;--card:#1b1e24;--ink:#e9eaee;--soft:#a5abb7;--edge:#363b45;--grid:#2a2e36;--accent:#a9c4ff;--warn:#ffb27d;--good:#86d9a3;--flag:#4a3a10;
--s0:#a9c4ff;--s1:#ff9a57;--s2:#2fa394;--s3:#c3a3ff;--s4:#9aa1ad;--s5:#e0b64a;--s6:#f28ab8;--s7:#a3c76d;
--p0:#7d9df0;--p1:#c9d9ff;--p2:#e0763a;--p3:#ffcaa6;--p4:#2a9688;--p5:#a5e3da;--p6:#9a75e8;--p7:#dccdff;--hatch:#00000070}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-behavior:smooth}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;background:var(--page);color:var(--ink);font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif;overflow-wrap:anywhere}
header,nav,main{max-width:70rem;margin-inline:auto;padding-inline:clamp(1rem,4vw,2.5rem)}
header{padding-top:clamp(1.5rem,5vw,3.5rem)}
.defs{position:absolute}
.mark{margin:0;color:var(--accent);font-size:.8rem;font-weight:650;letter-spacing:.08em;text-transform:uppercase}
h1{margin:.35rem 0 .5rem;font-size:clamp(1.6rem,1.1rem + 2.6vw,2.6rem);line-height:1.14;letter-spacing:-.018em;text-wrap:balance;max-width:26ch}
.subtitle{margin:0;color:var(--soft);max-width:68ch}
nav{margin-top:1.25rem}
nav ul{display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;margin:0;padding:.7rem 0;list-style:none;border-block:1px solid var(--edge);font-size:.9rem}
a{color:var(--accent);text-decoration-thickness:1px;text-underline-offset:.2em}
nav a{display:inline-block;padding-block:.2rem;text-decoration:none}
nav a:hover{text-decoration:underline}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:2px}
main{padding-bottom:4rem}
section{margin-top:clamp(2rem,5vw,3.25rem);scroll-margin-top:1rem}
h2{margin:0 0 .9rem;font-size:clamp(1.2rem,1.05rem + .8vw,1.5rem);line-height:1.25;letter-spacing:-.01em}
p{margin:.6rem 0;max-width:70ch;text-wrap:pretty}
section>p{color:var(--soft)}
.statements,.checks,.legend{margin:0;padding:0;list-style:none}
.statements{display:grid;gap:.7rem}
.statements li{padding:.85rem 1.1rem .9rem;background:var(--card);border:1px solid var(--edge);border-left:5px solid var(--accent);border-radius:4px 8px 8px 4px}
.statements p{margin:0;max-width:76ch}
.tag{display:inline-block;margin-bottom:.15rem;font-size:.72rem;font-weight:650;letter-spacing:.06em;text-transform:uppercase;color:var(--accent)}
.says{font-size:1.12rem;font-weight:600;line-height:1.35}
.confidence{color:var(--soft);font-size:.93rem;margin-top:.2rem!important}
.statements .none{border-left-color:var(--s4)}
.none .tag{color:var(--soft)}
.statements .unranked{background:none;border-style:dashed;border-left-style:dashed;border-left-color:var(--edge)}
.unranked .tag{color:var(--warn)}
.statements .unranked .says{font-weight:450;font-style:italic;color:var(--soft)}
figure{margin:1.4rem 0 0}
figcaption{font-weight:600;font-size:.97rem;line-height:1.35}
.table figcaption{margin-bottom:.35rem}
.scroll{overflow-x:auto;max-width:100%;border:1px solid var(--edge);border-radius:8px;background:var(--card)}
table{border-collapse:collapse;width:100%;font-size:.9rem;line-height:1.4;font-variant-numeric:tabular-nums;overflow-wrap:normal}
th,td{padding:.5rem .8rem;text-align:left;vertical-align:top;border-top:1px solid var(--grid);white-space:nowrap}
td.long{white-space:normal;min-width:15rem}
thead th{border-top:0;border-bottom:1px solid var(--edge);color:var(--soft);font-weight:600;font-size:.8rem;vertical-align:bottom;white-space:normal;min-width:4.4rem}
tbody tr:first-child>*{border-top:0}
tbody th{font-weight:600;position:sticky;left:0;background:var(--card);white-space:normal;min-width:8.5rem;max-width:15rem}
.n{text-align:right}
tr.unranked>*{color:var(--soft);font-style:italic;font-weight:400}
td .unranked{color:var(--soft);font-style:italic}
tr.unranked>td:not(:empty)::before,td .unranked::before{content:"("}
tr.unranked>td:not(:empty)::after,td .unranked::after{content:")"}
mark{background:var(--flag);color:inherit;padding:.05em .3em;border-radius:3px;border-bottom:2px solid var(--warn);font-weight:600}
details{margin-top:1rem}
summary{cursor:pointer;color:var(--accent);font-size:.93rem;padding:.3rem 0}
details .scroll{margin-top:.4rem}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,21rem),1fr));gap:1.1rem;margin-top:1.4rem;align-items:start}
.card{margin:0;padding:.9rem 1rem;background:var(--card);border:1px solid var(--edge);border-radius:8px;max-width:33.5rem;display:flex;flex-direction:column}
.chart{display:block;width:100%;height:auto;margin-top:.6rem}
.chart text{fill:var(--soft);font-size:11px;font-variant-numeric:tabular-nums}
.chart .label{fill:var(--ink);font-size:12px;font-weight:600}
.chart .value{fill:var(--ink);font-size:12px}
.chart .label.unranked,.chart .value.unranked{fill:var(--soft);font-style:italic;font-weight:400}
.grid{stroke:var(--grid);stroke-width:1}
.edge{stroke:var(--soft);stroke-width:1}
.line{fill:none;stroke:var(--c);stroke-width:2;stroke-linejoin:round}
.whisker{stroke:var(--c);stroke-width:2}
.dot{fill:var(--c)}
.s0{--c:var(--s0)}.s1{--c:var(--s1)}.s2{--c:var(--s2)}.s3{--c:var(--s3)}.s4{--c:var(--s4)}.s5{--c:var(--s5)}.s6{--c:var(--s6)}.s7{--c:var(--s7)}
.line.s1{stroke-dasharray:8 3}.line.s2{stroke-dasharray:2.5 2.5}.line.s3{stroke-dasharray:9 3 2 3}.line.s4{stroke-dasharray:4 4}.line.s5{stroke-dasharray:12 4}.line.s6{stroke-dasharray:1.5 4}.line.s7{stroke-dasharray:6 2 2 2 2 2}
.line.unranked{stroke-width:1.2;opacity:.8}
.line.faint{stroke-width:1;stroke-dasharray:1.5 2.5;opacity:.9}
.whisker.unranked{stroke-dasharray:3 3}
.dot.unranked{fill:var(--card);stroke:var(--c);stroke-width:1.5}
.part{stroke:var(--card);stroke-width:.75}
.p0{fill:var(--p0)}.p1{fill:var(--p1)}.p2{fill:var(--p2)}.p3{fill:var(--p3)}.p4{fill:var(--p4)}.p5{fill:var(--p5)}.p6{fill:var(--p6)}.p7{fill:var(--p7)}
.part.unranked{opacity:.45}
.hatching{stroke:var(--hatch);stroke-width:1.6}
.legend{display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;margin-top:.6rem;font-size:.85rem;color:var(--soft)}
.legend li{display:flex;align-items:center;gap:.45rem}
.sample{flex:none}
.checks{display:grid;gap:.55rem;max-width:80ch}
.checks li{display:flex;gap:.75rem;align-items:flex-start}
.checks strong{font-weight:650;margin-right:.25em}
.checks strong::after{content:":"}
.sign{flex:none;width:1.55rem;height:1.55rem;border-radius:50%;display:grid;place-items:center;font-size:.85rem;font-weight:700;border:1.5px solid currentcolor;color:var(--soft)}
.doubt .sign{background:var(--warn);border-color:var(--warn);color:var(--page)}
.fine .sign{color:var(--good)}
.checks .fine div,.checks .unknown div{color:var(--soft)}
dl{margin:0;display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,24rem),1fr));gap:0 2.5rem}
dl div{display:flex;gap:1rem;padding:.42rem 0;border-bottom:1px solid var(--grid)}
dt{flex:0 0 8.5rem;color:var(--soft);font-size:.92rem}
dd{margin:0;min-width:0;font-size:.92rem}
@media (max-width:30rem){nav ul{flex-wrap:nowrap;overflow-x:auto;white-space:nowrap}tbody th{min-width:7rem;max-width:8.5rem}.statements li{padding:.75rem .85rem}.card{padding:.75rem .7rem}th,td{padding:.45rem .6rem}dl div{display:block}dd{margin-top:.1rem}}
@media print{body{font-size:10pt;background:#fff}nav{display:none}.scroll{overflow:visible;border-radius:0}table{font-size:8pt}th,td{padding:2pt 4pt;white-space:normal}tbody th{position:static}td.long{min-width:0}section,.card,.statements li,tr{break-inside:avoid}section{break-inside:auto}h2,figcaption{break-after:avoid}details::details-content{content-visibility:visible;height:auto;display:block}.card{max-width:none}.figures{grid-template-columns:1fr 1fr}@page{margin:14mm}}
`;
