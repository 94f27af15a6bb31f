package main

import (
	"context"
	"strings"

	"frontdesk/mail"
)

// lines tells the CRM who may read what came over our lines. Mailboxes may be closed; numbers are open to whoever sees
// the record.
type lines struct{ box *mail.Box }

func (l lines) Open(ctx context.Context, user string, of []string) ([]string, error) {
	var open, boxes []string
	for _, line := range of {
		if strings.Contains(line, "@") {
			boxes = append(boxes, line)
		} else {
			open = append(open, line)
		}
	}
	mine, err := l.box.OpenTo(ctx, user, boxes)
	return append(open, mine...), err
}

func (l lines) Own(ctx context.Context, user string) ([]string, error) {
	return l.box.AddressesOf(ctx, user)
}
