package corsfiber

import "github.com/gofiber/fiber/v3"

// refuseMounting panics when the app is, or comes to be, a part of another, which runs its routes and not its
// server: what Wrap put around that would never run, and nothing would say so.
func refuseMounting(app *fiber.App) {
	refuse := func() {
		panic("corsfiber: Wrap of an app that is mounted in another: wrap the outer app, or use New in this one")
	}
	if app.MountPath() != "" {
		refuse()
	}
	app.Hooks().OnMount(func(*fiber.App) error {
		refuse()
		return nil
	})
}
