package mime

import (
	"slices"
	"strings"

	"frontdesk/mail/mime/coding"
)

// snippetLength in bytes: two lines of a list.
const snippetLength = 240

// Snippet is the beginning of what the writer wrote, on one line.
func Snippet(text string) string {
	return coding.OneLine(coding.Clip(StripQuote(coding.Clip(text, 64<<10)), 4<<10), snippetLength)
}

// How programs end the line that leads a quotation in: "On Mon, 2 Nov 2026, Alice wrote:".
var leadIns = []string{"wrote", "a scris", "пишет", "написал", "написала", "написал(а)", "писал", "писала"}

// How they head the message they copy below the answer, between dashes.
var originals = []string{"original message", "original appointment", "forwarded message", "mesaj original",
	"mesajul original", "mesaj redirecționat",
	"исходное сообщение", "пересылаемое сообщение", "оригинальное сообщение"}

// Fields of the header that Outlook copies.
var (
	fromFields  = []string{"from", "de la", "от", "от кого"}
	otherFields = []string{"sent", "date", "to", "cc", "subject", "trimis", "data", "către", "catre", "subiect",
		"отправлено", "дата", "кому", "тема"}
)

// What telephones sign with.
var phoneSignatures = []string{"sent from my ", "get outlook for ", "trimis de pe ", "trimis din ", "отправлено с ",
	"отправлено из ", "послано с "}

// StripQuote removes what a reply carries along: quoted lines and the line that leads them in, the message below
// (English, Romanian and Russian programs), the signature. A text of nothing else is returned as it is.
func StripQuote(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	var kept []string
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		if lines[i] == "-- " || line == "--" || isOriginal(line) || isHeaderBlock(lines[i:]) {
			break
		}
		if n := attributionLines(lines[i:]); n > 0 {
			if !quotedNext(lines[i+n:]) {
				break
			}
			i += n - 1
			continue
		}
		if strings.HasPrefix(line, ">") || isPhoneSignature(line) {
			continue
		}
		kept = append(kept, strings.TrimRight(lines[i], " \t"))
	}
	if answer := strings.TrimSpace(strings.Join(kept, "\n")); answer != "" {
		return answer
	}
	return strings.TrimSpace(text)
}

// attributionLines is how many of the first lines are "On … wrote:", which programs wrap; 0 when they aren't.
func attributionLines(lines []string) int {
	for n, line := range lines[:min(len(lines), 3)] {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, ">") {
			return 0
		}
		if strings.HasSuffix(line, ":") && isLeadIn(" "+coding.OneLine(strings.Join(lines[:n+1], " "), longestLeadIn)) {
			return n + 1
		}
	}
	return 0
}

const longestLeadIn = 400 // bytes

// isHeaderBlock tells whether Outlook's copy of the header begins: "From: …" and two more fields below.
func isHeaderBlock(lines []string) bool {
	first := strings.TrimSpace(lines[0])
	if strings.HasPrefix(first, "__________") && strings.Trim(first, "_") == "" && len(lines) > 1 {
		lines = lines[1:] // Outlook's ruler
		first = strings.TrimSpace(lines[0])
	}
	if !isField(first, fromFields) {
		return false
	}
	fields := 0
	for _, line := range lines[1:min(len(lines), 6)] {
		fields += btoi(isField(strings.TrimSpace(line), otherFields))
	}
	return fields >= 2
}

func btoi(is bool) int {
	if is {
		return 1
	}
	return 0
}

// isField tells whether a line is "Name: value" with one of the names, maybe in bold ("*From:* Ana").
func isField(line string, names []string) bool {
	name, value, ok := strings.Cut(line, ":")
	return ok && len(name) < 40 && strings.Trim(value, "* ") != "" &&
		slices.Contains(names, strings.ToLower(strings.Trim(name, "* ")))
}

func isOriginal(line string) bool {
	if !strings.HasPrefix(line, "--") || !strings.HasSuffix(line, "--") {
		return false
	}
	return slices.Contains(originals, strings.ToLower(strings.Trim(line, "- ")))
}

func isPhoneSignature(line string) bool {
	return len(line) <= 150 && slices.ContainsFunc(phoneSignatures,
		func(p string) bool { return len(line) >= len(p) && strings.EqualFold(line[:len(p)], p) })
}

// isLeadIn wants a date or an address in the line, so that "as he wrote:" is none.
func isLeadIn(line string) bool {
	if len(line) > longestLeadIn || !strings.HasSuffix(line, ":") || !strings.ContainsAny(line, "0123456789@") {
		return false
	}
	line = strings.ToLower(strings.TrimRight(line, ": "))
	return slices.ContainsFunc(leadIns, func(end string) bool { return strings.HasSuffix(line, " "+end) })
}

func quotedNext(lines []string) bool {
	for _, line := range lines {
		if line = strings.TrimSpace(line); line != "" {
			return strings.HasPrefix(line, ">")
		}
	}
	return false
}
