package main

import (
	"context"
	"flag"
	"fmt"
	"os"
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
	flags.StringVar(&o.Transport, "transport", "udp", "udp or tcp")
	wav := flags.String("wav", "", "what to say, again and again: a WAV file, 8 kHz mono 16 bit; a tone without")
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
	result, err := sip.PlaceCall(ctx, o, step())
	if err == nil && !result.Answered && ctx.Err() == nil {
		err = fmt.Errorf("not answered: %s", result.Cause)
	}
	return err
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
