/// The page's looks: light and dark, wide and narrow, on paper.
enum PageStyle {
    static let text = """
        :root{--ink:#1b1f24;--soft:#57606a;--line:#d5dae0;--paper:#fff;--box:#f4f6f8;--accent:#0a6e5c;--other:#3b63b8;
        --end:#8a6d1d;--load:#c9d1da}
        @media (prefers-color-scheme:dark){:root{--ink:#e8ebef;--soft:#a3adb8;--line:#39424d;--paper:#14181d;
        --box:#1d232a;--accent:#4fd1b5;--other:#8fb0ff;--end:#e3c25d;--load:#3d4855}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",
        Roboto,"Noto Sans",sans-serif}
        header,main{max-width:66rem;margin:0 auto;padding:0 1rem}
        header{padding-top:1.5rem}
        h1{font-size:1.6rem;line-height:1.2;margin:0 0 .5rem}
        h2{font-size:1.2rem;margin:2rem 0 .5rem}
        h3{font-size:1rem;margin:1.25rem 0 .25rem}
        p{margin:.4rem 0;max-width:46rem}
        header p,figcaption,.why{color:var(--soft)}
        code{font:.92em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;background:var(--box);padding:.05em .3em;
        border-radius:.25em;overflow-wrap:anywhere}
        .advice{background:var(--box);border-left:.3rem solid var(--accent);padding:.1rem 1rem .7rem;margin-top:1rem;
        border-radius:.3rem}
        .advice h2{margin-top:.8rem}
        .advice code{background:none;padding:0;font-weight:600}
        .first{font-size:1.1rem}
        figure{margin:.5rem 0}
        svg{display:block;width:100%;height:auto}
        svg text{fill:var(--ink);font-family:inherit}
        .axis{stroke:var(--line);fill:none}
        .mark{fill:var(--soft)!important}
        .narrow{display:none}
        .wide{overflow-x:auto}
        table{border-collapse:collapse;font-size:.85rem;font-variant-numeric:tabular-nums;width:100%}
        th,td{padding:.3rem .45rem;border-bottom:1px solid var(--line);text-align:right;white-space:nowrap}
        thead th{color:var(--soft);font-weight:600;vertical-align:bottom;white-space:normal}
        tbody th{text-align:left;font-weight:600;position:sticky;left:0;background:var(--paper)}
        thead th:first-child{text-align:left}
        ul{padding-left:1.2rem;max-width:46rem}
        .legend{display:flex;flex-wrap:wrap;gap:.3rem 1rem;margin:.5rem 0;padding:0;border:0}
        .legend label{display:flex;align-items:center;gap:.4rem;cursor:pointer;min-height:1.8rem}
        .legend i{width:1.4rem;height:.25rem;border-radius:.1rem;display:inline-block}
        .legend i.load{height:.9rem;background:var(--load)}
        .point{stroke:var(--paper);stroke-width:1.5;fill:var(--other)}
        .point.adaptive{fill:var(--accent)}
        .point.recommended{fill:var(--accent)}
        .ring{fill:none;stroke:var(--accent);stroke-width:2}
        .point.end{fill:var(--paper);stroke:var(--end);stroke-width:2}
        .front{fill:none;stroke:var(--soft);stroke-dasharray:4 4;opacity:.7}
        .load{fill:var(--load);stroke:none}
        .series{fill:none;stroke-width:1.8;stroke-linejoin:round}
        @media (max-width:40rem){.broad{display:none}.narrow{display:block}h1{font-size:1.35rem}}
        @media print{:root{--ink:#000;--soft:#444;--line:#bbb;--paper:#fff;--box:#fff;--accent:#0a6e5c;--other:#3b63b8;
        --end:#8a6d1d;--load:#d5dae0}
        body{font-size:10pt}.broad{display:block}.narrow{display:none}.legend input{display:none}
        section,figure,tr{break-inside:avoid}h2,h3{break-after:avoid}.wide{overflow:visible}
        table{font-size:7pt}th,td{padding:.15rem .25rem}tbody th{position:static}
        .legend label:has(input:not(:checked)){display:none}}

        """
}
