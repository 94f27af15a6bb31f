package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
)

// newLog logs to w as configured.
func newLog(c LogConfig, w io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.Level)); err != nil {
		return nil, fmt.Errorf("log.level: %q is none of debug, info, warn, error", c.Level)
	}
	options := &slog.HandlerOptions{Level: level}
	if c.Format == "text" {
		return slog.New(slog.NewTextHandler(w, options)), nil
	}
	return slog.New(slog.NewJSONHandler(w, options)), nil
}

// demoLog logs into the data folder, so that the terminal shows the welcome; verbose adds the terminal.
func demoLog(data string, verbose bool) (log *slog.Logger, closeLog func(), err error) {
	file, err := os.OpenFile(filepath.Join(data, "frontdesk.log"), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, nil, err
	}
	var w io.Writer = file
	if verbose {
		w = io.MultiWriter(file, os.Stderr)
	}
	log, err = newLog(LogConfig{Level: "info", Format: "json"}, w)
	return log, func() { file.Close() }, err
}
