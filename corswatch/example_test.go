package corswatch_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/corswatch"
)

// A server follows a file until its context ends, and answers by what is in it.
func ExampleFollow() {
	folder, err := os.MkdirTemp("", "cors")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "cors.yaml")
	if err := os.WriteFile(path, []byte("allowOrigins: [\"https://example.com\"]\n"), 0o644); err != nil {
		fmt.Println(err)
		return
	}

	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var set corswatch.Set
	if err := corswatch.Follow(ctx, corswatch.File(path), &set, corswatch.Options{}); err != nil {
		fmt.Println(err) // the first document has to be right
		return
	}
	handler := cors.Select(set.Choose, func(ctx *fasthttp.RequestCtx) { ctx.SetBodyString("hello") })

	var request fasthttp.RequestCtx
	request.Request.SetRequestURI("/greeting")
	request.Request.Header.Set("Origin", "https://example.com")
	handler(&request)
	fmt.Printf("%s\n", request.Response.Header.Peek("Access-Control-Allow-Origin"))

	stop()
	set.Wait()
	// Output: https://example.com
}

// Whoever has documents from elsewhere loads them himself. One with a mistake changes nothing.
func ExampleSet_Load() {
	var set corswatch.Set
	fmt.Println(set.Load(corswatch.Document{Version: "1", Data: []byte(`
policies:
  public:
    paths: [/feed]
    allowOrigins: ["*"]
  partners:
    allowOrigins: ["https://*.partner.example"]
    allowCredentials: true
`)}))

	err := set.Load(corswatch.Document{Version: "2", Data: []byte("policies:\n  public:\n    allowOrigin: [\"*\"]\n")})
	var mistakes *corswatch.DocumentError
	fmt.Println(errors.As(err, &mistakes))
	fmt.Println(err)
	fmt.Println(set.Status().Version)
	// Output:
	// <nil>
	// true
	// document 2 is not in force: line 3: policy "public": allowOrigin: is no field that there is: did you mean "allowOrigins"?
	// 1
}
