/** The style of the page, for light and dark grounds. */
export const PAGE_STYLE = `
:root{--ground:#fff;--text:#1c1e21;--soft:#5c6167;--line:#e2e4e7;--a:#0067a8;--b:#c2410c;--c:#00785a;--d:#8a3f93}
@media (prefers-color-scheme:dark){
:root{--ground:#16181c;--text:#eceef0;--soft:#a0a6ad;--line:#343941;--a:#5eb8ff;--b:#ff9a5c;--c:#3fd0a4;--d:#e39aec}
}
body{margin:0 auto;padding:24px;max-width:1400px;background:var(--ground);color:var(--text);
font:15px/1.45 system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
h1{font-size:24px;margin:0 0 4px}
h2{font-size:18px;margin:28px 0 6px}
h3{font-size:15px;margin:14px 0 4px}
p{margin:4px 0 10px;max-width:110ch;color:var(--soft)}
.row{display:flex;flex-wrap:wrap;gap:18px}
.grids{display:grid;grid-template-columns:repeat(5,1fr);gap:14px}
.large{grid-template-columns:repeat(3,1fr)}
@media (max-width:900px){
.grids{grid-template-columns:repeat(auto-fill,minmax(150px,1fr))}
.large{grid-template-columns:repeat(auto-fill,minmax(280px,1fr))}
}
figure{margin:0}
img{display:block;max-width:100%;height:auto;image-rendering:pixelated;border-radius:3px}
figcaption{font-size:13px;color:var(--soft);padding-top:4px}
figcaption b{color:var(--text)}
.chart{flex:1 1 300px;max-width:460px}
svg{display:block;width:100%}
svg text{font-size:12px;fill:var(--soft)}
svg .title{font-size:14px;font-weight:600;fill:var(--text)}
.grid{stroke:var(--line)}
.axis{stroke:var(--soft)}
.curve{fill:none;stroke:var(--soft);stroke-width:2;stroke-linejoin:round}
.series-0{stroke:var(--a)}
.series-1{stroke:var(--b);stroke-dasharray:6 3}
.series-2{stroke:var(--c);stroke-dasharray:2 3}
.series-3{stroke:var(--d);stroke-dasharray:9 3 2 3}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:3px 16px 3px 0;text-align:right;border-bottom:1px solid var(--line)}
`;
