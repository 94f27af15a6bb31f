package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"

	"frontdesk/mail/imapd"
	"frontdesk/web"
)

// listeners are the bound addresses and what serves them.
type listeners struct {
	all []listener
}

type listener struct {
	web.Listener
	serve func() error // nil when it serves already
}

func (l *listeners) add(name, address string, serve func() error) {
	l.all = append(l.all, listener{web.Listener{Name: name, Address: address}, serve})
}

// list is for people to see.
func (l *listeners) list() []web.Listener {
	var list []web.Listener
	for _, one := range l.all {
		list = append(list, one.Listener)
	}
	return list
}

// address of a listener by name; "" when it is switched off.
func (l *listeners) address(name string) string {
	for _, one := range l.all {
		if one.Name == name {
			return one.Address
		}
	}
	return ""
}

// start serves all; one that breaks is told to failed.
func (l *listeners) start(work *sync.WaitGroup, failed chan<- error) {
	for _, one := range l.all {
		if one.serve == nil {
			continue
		}
		work.Go(func() {
			err := one.serve()
			if err != nil && !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) &&
				!errors.Is(err, imapd.ErrClosed) {
				failed <- fmt.Errorf("%s %s: %w", one.Name, one.Address, err)
			}
		})
	}
}

// text takes the quotes off a JSON string.
func text(data []byte) string { return strings.Trim(string(data), `"`) }
