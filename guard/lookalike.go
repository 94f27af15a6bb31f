package guard

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// lookalikes are letters that are read as Latin ones, each in front of what it is read as (Unicode TR 39).
const lookalikes = "аa вb сc ԁd еe ԍg һh нh іi їi ӏl јj кk мm оo рp ԛq гr ѕs тt уy ѵv ѡw ԝw хx үy АA ВB СC ЕE НH " +
	"ІI ЈJ " +
	"КK МM ОO РP ЅS ТT УY ХX ԚQ ԜW αa βb γy εe ηn ιi κk νv οo ρp τt υu χx ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX " +
	"ɑa ɡg ıi ɩi ոn օo ѐe ёe"

// Latin is a text in the Latin letters that it looks like. Two texts that people can't tell apart have one; it is no
// text to show.
func Latin(s string) string {
	table := map[rune]rune{}
	for pair := range strings.FieldsSeq(lookalikes) {
		letters := []rune(pair)
		table[letters[0]] = letters[1]
	}
	return strings.Map(func(r rune) rune {
		if latin, ok := table[r]; ok {
			return latin
		}
		return r
	}, norm.NFKC.String(s))
}
