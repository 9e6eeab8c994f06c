// Releasetest holds that a release of this repository can be installed. Its tests publish every module, as it is in the working
// tree, to a file proxy, and install each from there as a stranger does. The command serves the same end:
//
//	go run ./releasetest          the tags, each after those that it requires
//	go run ./releasetest -api     writes down what every package exports
//
// RELEASING.md says what else belongs to a release.
package main

import (
	"flag"
	"fmt"
	"os"
)

// version is the next release's. It is the version at which the modules of this repository require each other.
const version = "v0.1.0"

func main() {
	api := flag.Bool("api", false, "write down what every package exports")
	flag.Parse()
	if err := run(*api); err != nil {
		fmt.Fprintln(os.Stderr, "releasetest:", err)
		os.Exit(1)
	}
}

func run(api bool) error {
	modules, err := workspace()
	if err != nil {
		return err
	}
	if api {
		return writeAPIs(modules)
	}
	if modules, err = inOrder(modules); err != nil {
		return err
	}
	for _, m := range modules {
		if m.released() {
			fmt.Printf("git tag %s && git push origin %s\n", m.tag(), m.tag())
		}
	}
	return nil
}
