package proxytest

import "syscall"

// child makes a process end with this one, however it ends, and lets it be ended with all that it starts.
func child() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}
