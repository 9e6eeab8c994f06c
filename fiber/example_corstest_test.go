package corsfiber_test

import (
	"fmt"

	"github.com/gofiber/fiber/v3"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/corstest"
	corsfiber "github.com/bytecors/cors/fiber"
)

// A test of what a page can do with an app, from New's policy and from Wrap's: app.Handler is the app without its server, and so
// without what Wrap puts around it.
func Example_corstest() {
	config := cors.Config{AllowOrigins: []string{"https://app.example.com"}, AllowMethods: []string{"PUT"}}
	request := corstest.Request{Method: "PUT", URL: "https://api.example.com/items"}
	store := func(c fiber.Ctx) error { return c.SendString("stored") }

	app := fiber.New()
	app.Use(corsfiber.New(config))
	app.Put("/items", store)
	page := corstest.NewBrowser("https://app.example.com", app.Handler())
	defer page.Close()
	fmt.Println("New, app.Handler():", page.Fetch(request).Allowed)

	app = fiber.New()
	app.Put("/items", store)
	corsfiber.Wrap(app, cors.MustNew(config))
	handler := app.Handler() // also makes the app ready to serve
	page = corstest.NewServerBrowser("https://app.example.com", app.Server())
	defer page.Close()
	fmt.Println("Wrap, app.Server():", page.Fetch(request).Allowed)

	page = corstest.NewBrowser("https://app.example.com", handler)
	defer page.Close()
	fmt.Println("Wrap, app.Handler():", page.Fetch(request).Allowed)

	// Output:
	// New, app.Handler(): true
	// Wrap, app.Server(): true
	// Wrap, app.Handler(): false
}
