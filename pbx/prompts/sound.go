package prompts

import (
	"context"
	"fmt"
	"io"
	"strings"

	"frontdesk/media/audio"
)

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
