// Corspolicies checks documents of CORS policies before they are put where servers follow them.
//
//	go run github.com/bytecors/cors/corswatch/cmd/corspolicies@latest cors.yaml
//
// It prints every mistake with its line, and exits with status 1 if there is one. Without arguments, it reads
// standard input.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/bytecors/cors/corswatch"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

func run(paths []string, stdin io.Reader, stdout, stderr io.Writer) (status int) {
	if len(paths) == 0 {
		data, err := io.ReadAll(stdin)
		return check("standard input", data, err, stdout, stderr)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		status = max(status, check(path, data, err, stdout, stderr))
	}
	return status
}

func check(name string, data []byte, err error, stdout, stderr io.Writer) (status int) {
	var set corswatch.Set
	if err == nil {
		err = set.Load(corswatch.Document{Version: name, Data: data})
	}
	if refused := new(corswatch.DocumentError); errors.As(err, &refused) {
		err = refused.Err
	}
	if err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			fmt.Fprintf(stderr, "%s: %s\n", name, line)
		}
		return 1
	}
	fmt.Fprintf(stdout, "%s: in order, with %s\n", name, strings.Join(set.Status().Policies, ", "))
	return 0
}
