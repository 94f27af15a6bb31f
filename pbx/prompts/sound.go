package prompts

import (
	"context"
	"embed"
	"fmt"
	"io"
	"math"
	"strings"

	"frontdesk/media"
	"frontdesk/media/audio"
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

// Sound gives the sound of a prompt (media.Rate, mono) by its id, which may be that of one that ships with the program.
// Nobody may change it.
func (p *Prompts) Sound(ctx context.Context, id string) ([]int16, error) {
	if id == Beep || strings.HasPrefix(id, "system/") {
		return p.kept(id, func() ([]int16, error) { return shipped(id) })
	}
	found, err := p.find(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("prompt %s: %w", id, err)
	}
	return p.kept(found.blob, func() ([]int16, error) { return p.read(ctx, found.blob) })
}

// kept gives what is in memory, or reads it.
func (p *Prompts) kept(key string, read func() ([]int16, error)) ([]int16, error) {
	p.mu.Lock()
	pcm, known := p.known[key]
	p.mu.Unlock()
	if known {
		return pcm, nil
	}
	pcm, err := read()
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.size+len(pcm) > maxKnown {
		clear(p.known)
		p.size = 0
	}
	if _, known := p.known[key]; !known {
		p.known[key] = pcm
		p.size += len(pcm)
	}
	return pcm, nil
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

func (p *Prompts) read(ctx context.Context, key string) ([]int16, error) {
	file, err := p.blobs.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, 2*MaxFile))
	if err != nil {
		return nil, err
	}
	return audio.Decode(data, Longest)
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
