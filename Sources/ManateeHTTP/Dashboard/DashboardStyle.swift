/// The style sheet of the page: no fonts, no pictures, nothing from elsewhere.
enum DashboardStyle {
    static let css =
        DashboardPalette.css + """
            *{box-sizing:border-box}
            body{margin:0;background:var(--page-ground);color:var(--page);
            font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif}
            a{color:var(--link)}
            a:focus-visible,summary:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--link);
            outline-offset:2px;border-radius:4px}
            .skip{position:absolute;left:-999px}
            .skip:focus{left:8px;top:8px;background:var(--card-ground);padding:8px;z-index:1}
            header,main,footer{max-width:1120px;margin:0 auto;padding:0 20px}
            header{display:flex;flex-wrap:wrap;align-items:baseline;gap:4px 20px;padding-top:22px}
            h1{font-size:22px;margin:0;letter-spacing:-.01em}
            h2{font-size:13px;margin:0 0 14px;color:var(--quiet);text-transform:uppercase;
            letter-spacing:.06em;font-weight:600}
            .facts{margin:0;padding:0;list-style:none;display:flex;flex-wrap:wrap;gap:0 18px;color:var(--faint)}
            .facts b{color:var(--page);font-weight:600}
            #stale{color:var(--bad);background:var(--bad-ground);border-radius:6px;padding:2px 10px}
            #stale:empty{display:none}
            .banner{display:flex;gap:14px;align-items:flex-start;border-radius:12px;padding:14px 18px;
            margin:16px 0;border:1px solid transparent}
            .banner svg{flex:none;width:26px;height:26px;margin-top:1px}
            .banner strong{display:block;font-size:17px;line-height:1.4}
            .banner p{margin:0}
            .good{color:var(--good);background:var(--good-ground)}
            .warn{color:var(--warn);background:var(--warn-ground)}
            .bad{color:var(--bad);background:var(--bad-ground)}
            .info{color:var(--info);background:var(--info-ground)}
            .calm{color:var(--calm);background:var(--calm-ground)}
            .banner.good,.banner.warn,.banner.bad,.banner.info{border-color:currentColor}
            section{background:var(--card-ground);color:var(--card);border:1px solid var(--line);
            border-radius:12px;padding:18px 20px;margin:0 0 16px;min-width:0}
            .columns{display:grid;grid-template-columns:1fr 1fr;gap:0 16px;align-items:start}
            .badge{display:inline-block;border-radius:6px;padding:1px 8px;font-size:12.5px;font-weight:600;
            white-space:nowrap}
            .chain{list-style:none;margin:0;padding:0;display:flex;align-items:stretch}
            .chain>li{display:flex;align-items:stretch;flex:0 1 37.5%;min-width:0}
            .chain>li:first-child{flex:0 1 25%}
            .peer{border:1.5px solid var(--line);border-radius:10px;padding:12px 14px;flex:1 1 auto;min-width:0}
            .peer.self{border-color:var(--link);border-width:2px}
            .peer.gone{border-style:dashed;border-color:var(--arrow)}
            .peer h3{margin:6px 0 0;font-size:16px;overflow-wrap:anywhere;line-height:1.3}
            .peer .where{color:var(--quiet);font-size:13px;overflow-wrap:anywhere}
            .peer dl{margin:8px 0 0;display:grid;grid-template-columns:auto 1fr;gap:0 10px;font-size:13px}
            .peer dt{color:var(--quiet)}
            .peer dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
            .link{flex:0 0 92px;display:flex;flex-direction:column;align-items:center;justify-content:center;
            font-size:12.5px;color:var(--quiet);text-align:center;padding:0 5px;line-height:1.35}
            .link svg{width:78px;height:16px;color:var(--arrow);margin:2px 0}
            .link.off svg{color:var(--bad)}
            .link.off{color:var(--card)}
            .others{display:flex;flex-wrap:wrap;gap:12px;margin:16px 0 0;padding:0;list-style:none}
            .others .peer{flex:0 1 260px}
            h2.second{margin-top:20px}
            .plain{list-style:none;margin:0;padding:0}
            .plain li{display:flex;gap:10px;align-items:baseline;padding:5px 0}
            .plain li+li{border-top:1px solid var(--line)}
            .plain .badge{flex:none;min-width:88px;text-align:center}
            .plain span:last-child{overflow-wrap:anywhere;min-width:0}
            .bar{display:block;width:100%;height:30px;border-radius:6px}
            .phases{display:grid;grid-template-columns:repeat(auto-fit,minmax(96px,1fr));gap:10px;margin:12px 0 0}
            .phases div{font-size:13px}
            .phases dt{color:var(--quiet)}
            .phases dd{margin:0;font-variant-numeric:tabular-nums;font-weight:600}
            .phases svg{width:10px;height:10px;margin-right:6px}
            .detect{fill:var(--detect)}.decide{fill:var(--decide)}.fence{fill:var(--fence)}
            .promote{fill:var(--promote)}.attach{fill:var(--attach)}.open{fill:var(--open)}
            .note{margin:0 0 12px}
            .quiet{color:var(--quiet)}
            table{border-collapse:collapse;width:100%;font-size:14px}
            .scroll{overflow-x:auto}
            th{text-align:left;font-weight:600;color:var(--quiet);font-size:13px}
            th,td{padding:6px 14px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}
            tr:last-child td{border-bottom:0}
            td.number{font-variant-numeric:tabular-nums}
            time{white-space:nowrap;font-variant-numeric:tabular-nums}
            footer{color:var(--faint);padding-bottom:30px;font-size:14px}
            footer nav{display:flex;flex-wrap:wrap;gap:4px 18px;margin-bottom:6px}
            @media (max-width:820px){
            .columns{grid-template-columns:1fr}
            .chain,.chain>li{flex-direction:column}
            .chain>li{flex:0 0 auto}
            .chain>li:first-child{flex:0 0 auto}
            .link{flex-direction:row;gap:10px;flex:0 0 auto;padding:6px 0;justify-content:flex-start}
            .link svg{transform:rotate(90deg);width:34px;margin:9px -6px 9px 4px}
            header,main,footer{padding-left:14px;padding-right:14px}
            section{padding:16px 14px}
            .plain li{flex-wrap:wrap;gap:2px 10px}
            }
            @media (prefers-reduced-motion:no-preference){.busy{animation:busy 1.6s ease-in-out infinite}}
            @keyframes busy{50%{opacity:.45}}
            """
}
