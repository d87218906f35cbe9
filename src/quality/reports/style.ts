/** Style of the HTML report. Light and dark by the reader's system; on paper always light. */
export const reportStyle = `
:root{color-scheme:light dark;
--back:light-dark(#fff,#14161b);--raised:light-dark(#f5f6f8,#1c1f26);--line:light-dark(#d8dbe2,#343945);
--text:light-dark(#1a1d24,#e6e8ee);--quiet:light-dark(#5b6270,#a3aab8);--accent:light-dark(#2f55d4,#8ba6ff);
--accent-back:light-dark(#e3e9ff,#27345f);
--fail:light-dark(#b3261e,#ffb4ab);--fail-back:light-dark(#fdecea,#451a17);
--warn:light-dark(#7a4d00,#f5c26b);--warn-back:light-dark(#fff3dc,#3d2c0c);
--pass:light-dark(#1b6e3c,#7fd99f);--pass-back:light-dark(#e5f5ea,#12331f);
--info:light-dark(#2f55d4,#8ba6ff);--info-back:light-dark(#e3e9ff,#27345f);
--empty:light-dark(#5b6270,#a3aab8);--empty-back:light-dark(#eceef2,#282c35)}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--text);font:14px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
main{max-width:1120px;margin:0 auto;padding:32px 24px 64px}
h1{font-size:24px;line-height:1.25;margin:0 0 4px}
h2{font-size:18px;margin:40px 0 12px}
h3{font-size:16px;margin:0;flex:1}
p{margin:0 0 12px}
a{color:inherit}
code,pre{font:13px/1.5 ui-monospace,monospace}
.defs{position:absolute;width:0;height:0;overflow:hidden}
.quiet{color:var(--quiet)}
.verdict{border:1px solid var(--line);border-left:6px solid var(--pass);border-radius:8px;padding:16px 20px;background:var(--raised);margin:0 0 20px}
.verdict.stop{border-left-color:var(--fail)}
.verdict p{margin:0}
.counts{display:flex;flex-wrap:wrap;gap:6px;margin-top:12px}
.badge{display:inline-block;border-radius:99px;padding:1px 9px;font-size:12px;font-weight:600;white-space:nowrap;color:var(--text);background:var(--raised)}
.badge.fail,.badge.error{color:var(--fail);background:var(--fail-back)}
.badge.warn{color:var(--warn);background:var(--warn-back)}
.badge.pass{color:var(--pass);background:var(--pass-back)}
.badge.info{color:var(--info);background:var(--info-back)}
.badge.empty{color:var(--empty);background:var(--empty-back)}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(220px,1fr));gap:12px 24px;margin:0}
dt{color:var(--quiet);font-size:12px}
dd{margin:0}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;min-width:720px}
th,td{text-align:left;vertical-align:top;padding:8px 12px 8px 0;border-bottom:1px solid var(--line)}
th{color:var(--quiet);font-size:12px;font-weight:500}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td .quiet{display:block;font-size:13px}
td.bound{white-space:nowrap}
.check{border:1px solid var(--line);border-radius:8px;margin:0 0 20px;overflow:hidden;scroll-margin-top:12px}
.check>header{display:flex;gap:10px;align-items:baseline;flex-wrap:wrap;padding:12px 16px;background:var(--raised);border-bottom:1px solid var(--line)}
.check>div{padding:16px}
.check>div>:last-child{margin-bottom:0}
.message{font-size:15px}
.figures{margin:0 0 16px;grid-template-columns:repeat(auto-fill,minmax(190px,1fr))}
.figures dd{font-size:16px;font-weight:600;font-variant-numeric:tabular-nums}
.query{margin:0 0 16px}
.query span,.part{display:block;color:var(--quiet);font-size:12px;margin-bottom:4px}
.query pre,.error pre{margin:0;padding:8px 12px;border:1px solid var(--line);border-radius:6px;background:var(--raised);white-space:pre-wrap;user-select:all;max-height:12em;overflow:auto}
.error pre{user-select:text;color:var(--fail);margin-bottom:16px}
.hint{border-left:3px solid var(--accent);padding:6px 12px;background:var(--accent-back);border-radius:0 6px 6px 0}
.plot{margin:0 0 16px;max-width:640px}
.plot figcaption{font-size:13px;font-weight:600;margin-bottom:4px}
.plot svg{width:100%;height:auto;display:block}
.plot .key{display:flex;flex-wrap:wrap;gap:4px 16px;font-size:12px;color:var(--quiet);margin-top:4px}
.plot .key svg{display:inline-block;width:18px;height:10px;margin-right:6px}
.bar{fill:var(--accent);fill-opacity:.75}
.reference{fill:none;stroke:var(--text);stroke-width:1.5}
.axis{fill:none;stroke:var(--line)}
.mark{fill:none;stroke:var(--fail);stroke-width:1.5;stroke-dasharray:5 3}
.plot text{font-size:12px;fill:var(--quiet)}
.plot text.limit{fill:var(--fail);font-weight:600}
.trend{vertical-align:middle;overflow:visible}
.trend path{fill:none;stroke:var(--quiet);stroke-width:1.5}
.dot{fill:var(--quiet)}
.dot.fail,.dot.error{fill:var(--fail)}.dot.warn{fill:var(--warn)}.dot.pass{fill:var(--pass)}.dot.info{fill:var(--info)}
.shots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(200px,100%),1fr));gap:12px;margin:0 0 16px;padding:0;list-style:none}
.shots li{border:1px solid var(--line);border-radius:6px;background:var(--raised);overflow:hidden;break-inside:avoid}
.shots .pair{grid-column:span 2}
.shots .text{grid-column:1/-1}
.shots .pictures{display:flex;gap:1px;background:var(--line)}
.shots .pictures>*{flex:1 1 0;min-width:0;overflow:hidden;height:166px;padding:8px;display:flex;align-items:center;justify-content:center;background:light-dark(#e9ebef,#0e1013)}
.shots .pictures svg{display:block;max-width:100%;max-height:100%;flex:none;overflow:visible}
.shots .gone{color:var(--quiet);font-size:12px;text-align:center}
.shots .says{padding:6px 10px 8px;font-size:12px;line-height:1.4}
.shots .says b{display:block;font-weight:500}
.shots .says .score{float:right;margin-left:8px;font-variant-numeric:tabular-nums;color:var(--quiet)}
.line{stroke-width:1.5;fill-opacity:.28;fill-rule:evenodd;stroke-linejoin:round;vector-effect:non-scaling-stroke;opacity:.75}
.line.other{stroke-dasharray:5 3}
.line.stressed{stroke-width:2.5;opacity:1}
.halo{fill:none;stroke:#fff;stroke-width:5;stroke-opacity:.8;vector-effect:non-scaling-stroke}
.name{fill:#fff;stroke:#000;stroke-opacity:.85;paint-order:stroke;font-weight:600;stroke-width:3px;stroke-linejoin:round;vector-effect:non-scaling-stroke}
details{border:1px solid var(--line);border-radius:8px;padding:0 16px;margin:0 0 12px}
summary{cursor:pointer;padding:10px 0;font-weight:600}
footer{color:var(--quiet);font-size:12px;margin-top:32px;border-top:1px solid var(--line);padding-top:12px}
@media (max-width:500px){main{padding:20px 14px 40px}.shots .pair{grid-column:auto}}
@media print{:root{color-scheme:light}main{max-width:none;padding:0}.check{overflow:visible}.check>header,.plot,tr,.query{break-inside:avoid}.check>header{break-after:avoid}.query pre{max-height:none}.badge,.bar,.verdict,.hint{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`
