package mime

import (
	"regexp"
	"strings"
)

// snippetLength in bytes: two lines of a list.
const snippetLength = 240

// Snippet is the beginning of what the writer wrote, on one line.
func Snippet(text string) string {
	return clip(strings.Join(strings.Fields(clip(StripQuote(clip(text, 64<<10)), 4<<10)), " "), snippetLength)
}

var (
	// "On Mon, Alice wrote:", "În lun., Ana a scris:", "пн, Иван пишет:" or "написал(а):"; Outlook's "Original Message".
	attribution = regexp.MustCompile(`(?i)^(on\b.{4,300}\bwrote|(în|in|pe|la)\b.{4,300}\ba scris|.{4,300}(пишет|написала?|написал\(а\)|писала?))\s*:$`)
	original    = regexp.MustCompile(`(?i)^-{2,}\s*(original message|original appointment|forwarded message|mesaj original|mesajul original|mesaj redirecționat|исходное сообщение|пересылаемое сообщение|оригинальное сообщение)\s*-{2,}$`)
	headerFrom  = regexp.MustCompile(`(?i)^\*?(from|de la|от|от кого)\s*:\*?\s*\S`)
	headerOther = regexp.MustCompile(`(?i)^\*?(sent|date|to|subject|trimis|data|către|catre|subiect|отправлено|дата|кому|тема)\s*:\*?`)
	fromPhone   = regexp.MustCompile(`(?i)^(sent from my|get outlook for|trimis de pe|trimis din|отправлено с|отправлено из|послано с)\b?.{0,60}$`)
	underlines  = regexp.MustCompile(`^_{10,}$`)
)

// StripQuote removes what a reply carries along: quoted lines and the line that leads them in, the message below
// (English, Romanian and Russian programs), the signature. A text of nothing else is returned as it is.
func StripQuote(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	var kept []string
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSpace(lines[i])
		if lines[i] == "-- " || line == "--" || original.MatchString(line) || isHeaderBlock(lines[i:]) {
			break
		}
		if n := attributionLines(lines[i:]); n > 0 {
			if !quotedNext(lines[i+n:]) {
				break
			}
			i += n - 1
			continue
		}
		if strings.HasPrefix(line, ">") || fromPhone.MatchString(line) {
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
	joined := ""
	for n, line := range lines[:min(len(lines), 3)] {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, ">") {
			return 0
		}
		joined = strings.TrimSpace(joined + " " + line)
		if attribution.MatchString(joined) {
			return n + 1
		}
	}
	return 0
}

// isHeaderBlock tells whether Outlook's copy of the header begins: "From: …" and two more fields below.
func isHeaderBlock(lines []string) bool {
	first := strings.TrimSpace(lines[0])
	if underlines.MatchString(first) && len(lines) > 1 {
		return isHeaderBlock(nonEmpty(lines[1:min(len(lines), 6)]))
	}
	if !headerFrom.MatchString(first) {
		return false
	}
	fields := 0
	for _, line := range lines[1:min(len(lines), 6)] {
		if headerOther.MatchString(strings.TrimSpace(line)) {
			fields++
		}
	}
	return fields >= 2
}

// nonEmpty drops leading empty lines, but never the last line.
func nonEmpty(lines []string) []string {
	for len(lines) > 1 && (strings.TrimSpace(lines[0]) == "" || underlines.MatchString(strings.TrimSpace(lines[0]))) {
		lines = lines[1:]
	}
	return lines
}

func quotedNext(lines []string) bool {
	for _, line := range lines {
		if line = strings.TrimSpace(line); line != "" {
			return strings.HasPrefix(line, ">")
		}
	}
	return false
}
