package docstest

// What the documents show together with this middleware.
import (
	_ "github.com/fasthttp/router"
	_ "github.com/fasthttp/websocket"
	_ "github.com/valyala/fasthttp"
)
