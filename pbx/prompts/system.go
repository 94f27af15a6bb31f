package prompts

import (
	"embed"
	"math"
	"time"

	"frontdesk/media"
	"frontdesk/media/audio"
)

// Longest a prompt may be, and MaxFile what its file may have.
const (
	Longest = 10 * time.Minute
	MaxFile = 25 << 20
)

// The prompts that ship with the program; .ci/prompts makes them of the texts beside them.
//
//go:embed system/*/*.opus
var system embed.FS

// Languages are those of the prompts that ship with the program, the first where another is asked for.
func Languages() []string { return []string{"en", "ro", "ru"} }

// Beep is the tone after which a caller may speak.
const Beep = "tone/beep"

// System is the id of a prompt that ships with the program.
func System(language, name string) string {
	for _, known := range Languages() {
		if known == language {
			return "system/" + language + "/" + name
		}
	}
	return "system/" + Languages()[0] + "/" + name
}

func shipped(id string) ([]int16, error) {
	if id == Beep {
		return beep(), nil
	}
	file, err := system.ReadFile(id + ".opus")
	if err != nil {
		return nil, err
	}
	return audio.Decode(file, Longest)
}

// beep is 0.4 s of 1 kHz after a short silence.
func beep() []int16 {
	const silence, length, ramp = media.Rate / 5, media.Rate * 2 / 5, media.Rate / 100
	pcm := make([]int16, silence+length)
	for i := range length {
		level := 0.2 * min(1, float64(min(i, length-i))/ramp)
		pcm[silence+i] = int16(math.MaxInt16 * level * math.Sin(2*math.Pi*1000*float64(i)/media.Rate))
	}
	return pcm
}
