/** The colours of a timeline, for light and dark screens. */
export const timelineStyle = `
:root { color-scheme: light dark; --page: #fff; --ink: #1c1f23; --soft: #68707a; --rule: #d9dde2;
  --placed: #2f7d4f; --stuck: #c62828; --left: #9aa3ad; }
@media (prefers-color-scheme: dark) { :root { --page: #16181b; --ink: #e6e8ea; --soft: #98a1ab; --rule: #33383e;
  --placed: #5cb980; --stuck: #ff6b60; --left: #6d7680; } }
body { background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; margin: 2rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.violation { color: var(--stuck); } .ok { color: var(--placed); } .unknown { color: var(--soft); }
.legend span { border-left: 14px solid; padding-left: 6px; margin-right: 18px; }
.legend .placed { border-color: var(--placed); } .legend .stuck { border-color: var(--stuck); }
.legend .left { border-color: var(--left); } .legend .open { border-left-style: dashed; border-color: var(--soft); }
.scroll { overflow-x: auto; }
svg text { font: 12px ui-monospace, monospace; fill: var(--ink); white-space: pre; }
svg .process { fill: var(--soft); } svg .row { stroke: var(--rule); }
svg .placed rect { fill: var(--placed); } svg .stuck rect { fill: var(--stuck); } svg .left rect { fill: var(--left); }
svg .stuck text { fill: var(--stuck); font-weight: 700; }
svg .open rect { fill-opacity: .25; stroke: currentColor; stroke-dasharray: 4 3; }
`;
