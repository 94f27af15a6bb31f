// Package load makes the load of media's benchmarks, in a process of its own: many phones and browsers, each with a
// socket and with a clock that began at a random moment, so that no two keep step, as in life. The kernel stamps what
// comes back, so that the delay is the server's whatever the generator does. It needs Linux.
package load
