package events

import (
	"context"
	"encoding/xml"
	"fmt"
	"slices"

	"frontdesk/pbx"
	"frontdesk/pbx/voicemail"
	"frontdesk/sip/edge"
)

// kinds are the event packages that phones may subscribe to, by name.
func kinds() map[string]kind {
	return map[string]kind{
		"dialog":   {event{name: "dialog", contentType: "application/dialog-info+xml"}, dialogs},
		"presence": {event{name: "presence", contentType: "application/pidf+xml"}, presence},
		"message-summary": {event{name: "message-summary", contentType: "application/simple-message-summary",
			own: true},
			summary},
	}
}

// kind is an event package, and what it tells.
type kind struct {
	event
	body func(context.Context, *Notifier, *subscription) ([]byte, error)
}

// dialogInfo is what RFC 4235 calls a dialog information document: always all of it (state full), since phones take
// nothing else well.
type dialogInfo struct {
	XMLName xml.Name     `xml:"urn:ietf:params:xml:ns:dialog-info dialog-info"`
	Version int          `xml:"version,attr"`
	State   string       `xml:"state,attr"`
	Entity  string       `xml:"entity,attr"`
	Dialogs []dialogElem `xml:"dialog"`
}

// dialogElem is one dialog. With its Call-ID and tags a phone takes the call: by INVITE with Replaces (RFC 3891).
type dialogElem struct {
	ID        string     `xml:"id,attr"`
	CallID    string     `xml:"call-id,attr,omitempty"`
	LocalTag  string     `xml:"local-tag,attr,omitempty"`
	RemoteTag string     `xml:"remote-tag,attr,omitempty"`
	Direction string     `xml:"direction,attr,omitempty"`
	State     string     `xml:"state"`
	Local     *partyElem `xml:"local,omitempty"`
	Remote    *partyElem `xml:"remote,omitempty"`
}

type partyElem struct {
	Identity identityElem `xml:"identity"`
	Target   targetElem   `xml:"target"`
}

type identityElem struct {
	Display string `xml:"display,attr,omitempty"`
	URI     string `xml:",chardata"`
}

type targetElem struct {
	URI string `xml:"uri,attr"`
}

// takeable tells by which dialog its call may be taken.
func (d *dialogElem) takeable(call string) {
	lamp := edge.Lamp(call)
	d.CallID, d.LocalTag, d.RemoteTag = lamp.CallID, lamp.To, lamp.From
}

func party(name, uri string) *partyElem {
	return &partyElem{identityElem{Display: name, URI: uri}, targetElem{uri}}
}

// dialogs is what a lamp shows: the calls of a user, or the call that waits in a slot. Who calls him is told to those
// who may take the call.
func dialogs(ctx context.Context, n *Notifier, s *subscription) ([]byte, error) {
	at := s.watched()
	entity := n.uri(s.resource)
	list, err := n.callsOf(ctx, s, entity)
	if at.slot > 0 {
		list, err = n.inSlot(ctx, at.slot, entity)
	}
	if err != nil {
		return nil, err
	}
	if len(list) == 0 { // what there was is over: with an empty document some lamps stay lit
		list = []dialogElem{{ID: s.resource, State: "terminated"}}
	}
	return document(dialogInfo{Version: s.next(), State: "full", Entity: entity, Dialogs: list})
}

func (n *Notifier) inSlot(ctx context.Context, slot int64, entity string) (list []dialogElem, err error) {
	parked, err := n.house.Parked(ctx)
	for _, c := range parked {
		if c.Slot == slot {
			d := dialogElem{ID: c.Call, Direction: "recipient", State: "confirmed", Local: party("", entity),
				Remote: party(c.Name, n.uri(c.From))}
			d.takeable(c.Call)
			list = append(list, d)
		}
	}
	return list, err
}

func (n *Notifier) callsOf(ctx context.Context, s *subscription, entity string) ([]dialogElem, error) {
	user := s.watched().user
	plan, err := n.dir.Plan(ctx)
	if err != nil {
		return nil, err
	}
	var list []dialogElem
	for _, e := range n.house.Engaged(user) {
		d := dialogElem{ID: e.Call, Local: party("", entity)}
		switch e.State {
		case pbx.EngagedRinging:
			d.State, d.Direction = "early", "recipient"
			if plan.MayPickUp(s.device.User, []string{user}) {
				d.Remote = party(e.Name, n.uri(e.Number))
				d.takeable(e.Call)
			}
		case pbx.EngagedCalling:
			d.State, d.Direction = "early", "initiator"
		default:
			d.State = "confirmed"
		}
		list = append(list, d)
	}
	slices.SortStableFunc(list, func(a, b dialogElem) int { // what takes him first, as many lamps show only one
		return weight(b.State) - weight(a.State)
	})
	return list, nil
}

func weight(state string) int {
	if state == "confirmed" {
		return 1
	}
	return 0
}

// summary tells how many voice messages there are (RFC 3842 §5.2).
func summary(ctx context.Context, n *Notifier, s *subscription) ([]byte, error) {
	count, err := n.house.Waiting(ctx, s.watched().user)
	return summaryOf(count, n.uri(s.device.Username)), err
}

func summaryOf(c voicemail.Count, account string) []byte {
	waiting := "no"
	if c.New > 0 {
		waiting = "yes"
	}
	return fmt.Appendf(nil, "Messages-Waiting: %s\r\nMessage-Account: %s\r\nVoice-Message: %d/%d (0/0)\r\n", waiting,
		account, c.New, c.Old)
}

// pidf is a presence document (RFC 3863), with what somebody does (RFC 4480).
type pidf struct {
	XMLName xml.Name  `xml:"urn:ietf:params:xml:ns:pidf presence"`
	DM      string    `xml:"xmlns:dm,attr"`
	RPID    string    `xml:"xmlns:rpid,attr"`
	Entity  string    `xml:"entity,attr"`
	Tuple   tupleElem `xml:"tuple"`
	Person  *person   `xml:"dm:person,omitempty"`
}

type tupleElem struct {
	ID      string `xml:"id,attr"`
	Basic   string `xml:"status>basic"`
	Contact string `xml:"contact"`
}

type person struct {
	ID         string     `xml:"id,attr"`
	Activities activities `xml:"rpid:activities"`
}

type activities struct {
	What string `xml:",innerxml"`
}

// onThePhone is an element without an end tag: phones look for just this text.
const onThePhone = "<rpid:on-the-phone/>"

// presence tells whether somebody is there, and whether he talks.
func presence(ctx context.Context, n *Notifier, s *subscription) ([]byte, error) {
	entity := n.uri(s.resource)
	doc := pidf{DM: "urn:ietf:params:xml:ns:pidf:data-model", RPID: "urn:ietf:params:xml:ns:pidf:rpid", Entity: entity,
		Tuple: tupleElem{ID: "line", Basic: "closed", Contact: entity}}
	user := s.watched().user
	there, err := n.house.There(ctx, user)
	if err != nil {
		return nil, err
	}
	if there {
		doc.Tuple.Basic = "open"
	}
	if slices.ContainsFunc(n.house.Engaged(user), pbx.Engagement.Busy) {
		doc.Person = &person{"person", activities{onThePhone}}
	}
	return document(doc)
}

func document(doc any) ([]byte, error) {
	text, err := xml.Marshal(doc)
	return append([]byte(xml.Header), text...), err
}
