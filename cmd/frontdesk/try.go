package main

import (
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"frontdesk/mail/smtpd"
	"frontdesk/media"
	"frontdesk/sip"
)

// step prints what happened, with the time since the start.
func step() func(string) {
	began := time.Now()
	return func(what string) { fmt.Printf("%7.3f s  %s\n", time.Since(began).Seconds(), what) }
}

// ring places a real SIP call, as a carrier would.
func ring(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("ring", flag.ContinueOnError)
	o := sip.CallOptions{}
	flags.StringVar(&o.To, "to", "", "number to call, e.g. +40215550100")
	flags.StringVar(&o.From, "from", "", "caller's number; empty: anonymous")
	flags.StringVar(&o.Server, "server", "127.0.0.1:5060", "address of the server")
	flags.StringVar(&o.Transport, "transport", "udp", "udp, tcp or tls")
	wav := flags.String("wav", "", "what to say, again and again: a WAV file, 8 or 16 kHz mono 16 bit; a tone without")
	flags.Func("codecs", "what to speak, best first (default PCMA,PCMU,G722)", codecs(&o.Codecs))
	record := flags.String("record", "", "WAV file to keep what is heard in")
	flags.StringVar(&o.User, "user", "", "log-in, where the server asks for one")
	flags.StringVar(&o.Password, "password", "", "its password")
	flags.DurationVar(&o.Duration, "duration", 30*time.Second, "hang up so long after the answer")
	flags.StringVar(&o.Keys, "keys", "", "DTMF keys to press after the answer")
	if err := parse(flags, args); err != nil {
		return err
	}
	if o.To == "" {
		return fmt.Errorf("ring: --to NUMBER is missing")
	}
	if *wav != "" {
		sound, err := readWAV(*wav)
		if err != nil {
			return err
		}
		o.Sound = sound
	}
	heard := &capture{}
	o.Hear = heard.hear
	result, err := sip.PlaceCall(ctx, o, step())
	if err == nil && *record != "" {
		err = os.WriteFile(*record, heard.wav(), 0o644)
	}
	if err == nil && !result.Answered && ctx.Err() == nil {
		err = fmt.Errorf("not answered: %s", result.Cause)
	}
	return err
}

// codecs is a flag: names of codecs, best first, with commas between.
func codecs(list *[]media.Codec) func(string) error {
	return func(names string) error {
		for name := range strings.SplitSeq(names, ",") {
			known := media.Common([]media.Codec{media.PCMA(), media.PCMU(), media.G722()},
				[]media.Codec{{Name: strings.TrimSpace(name), Clock: 8000}})
			if len(known) == 0 {
				return fmt.Errorf("%q is none of PCMA, PCMU, G722", name)
			}
			*list = append(*list, known...)
		}
		return nil
	}
}

// capture keeps what is heard.
type capture struct {
	mu  sync.Mutex
	pcm []int16
}

func (r *capture) hear(pcm []int16) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.pcm) < media.MaxWAV {
		r.pcm = append(r.pcm, pcm...)
	}
}

// wav is the capture as a RIFF/WAVE file, 16 kHz mono 16 bit.
func (r *capture) wav() []byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	le, size := binary.LittleEndian, uint32(2*len(r.pcm))
	data := le.AppendUint32([]byte("RIFF"), 36+size)
	data = append(data, "WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00"...)
	data = le.AppendUint32(le.AppendUint32(data, media.Rate), 2*media.Rate)
	data = append(data, "\x02\x00\x10\x00data"...)
	data = le.AppendUint32(data, size)
	for _, s := range r.pcm {
		data = le.AppendUint16(data, uint16(s))
	}
	return data
}

func readWAV(path string) ([]int16, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	sound, err := media.ReadWAV(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return sound, nil
}

// post sends a real mail, as another mail server would.
func post(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("post", flag.ContinueOnError)
	o := smtpd.PostOptions{}
	flags.StringVar(&o.To, "to", "", "recipient")
	flags.StringVar(&o.From, "from", "", "sender")
	flags.StringVar(&o.Server, "server", "127.0.0.1:2525", "address of the server")
	flags.StringVar(&o.Subject, "subject", "Question", "subject")
	flags.StringVar(&o.Text, "text", "Hello,\n\nplease call me back.\n", "body")
	flags.StringVar(&o.Helo, "helo", "", "the name to greet with; empty: this machine's")
	flags.BoolVar(&o.TLS, "tls", false, "fail where the server offers no STARTTLS")
	if err := parse(flags, args); err != nil {
		return err
	}
	if o.To == "" || o.From == "" {
		return fmt.Errorf("post: --to ADDRESS and --from ADDRESS are needed")
	}
	return smtpd.Post(ctx, o, step())
}
