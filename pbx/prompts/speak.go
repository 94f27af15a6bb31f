package prompts

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"

	"frontdesk/media/audio"
	"frontdesk/pbx/input"
)

func invalid(field, format string, args ...any) error {
	return &input.Invalid{Field: field, Problem: fmt.Sprintf(format, args...)}
}

const (
	speakLimit = 20 * time.Second
	// MaxText is how many bytes of text are spoken.
	MaxText = 4000
)

// speak has an engine (path of espeak-ng) read a text aloud. The text goes in by its input: none of it is taken for an
// option.
func speak(ctx context.Context, engine, language, text string) ([]int16, error) {
	switch {
	case engine == "":
		return nil, invalid("text", "nothing speaks texts here: name espeak-ng in the configuration (calls.speech)")
	case !slices.Contains(Languages(), language):
		return nil, invalid("language", "texts are spoken in %s", strings.Join(Languages(), ", "))
	case strings.TrimSpace(text) == "" || len(text) > MaxText:
		return nil, invalid("text", "it must have 1 to %d bytes", MaxText)
	}
	ctx, cancel := context.WithTimeout(ctx, speakLimit)
	defer cancel()
	reading := exec.CommandContext(ctx, engine, "-v", language, "-s", "150", "--stdin", "--stdout")
	reading.Stdin = strings.NewReader(text)
	var failed bytes.Buffer
	reading.Stderr = &failed
	wav, err := reading.Output()
	if err != nil {
		return nil, fmt.Errorf("speak: %w: %.200s", err, failed.String())
	}
	return audio.Decode(wav, Longest)
}
