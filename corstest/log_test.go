package corstest

import (
	"io"
	"log"
)

// discardLog is for servers that are expected to complain.
var discardLog = log.New(io.Discard, "", 0)
