package rules

import (
	"strings"
	"unicode"
)

// maxGuess is how much of a mail its language is guessed from, in bytes.
const maxGuess = 4000

// common are words that are in most texts of a language, and in few of others.
var common = map[string]string{
	"ro": " și şi nu este sunt pentru din care vă va rog " +
		" mulțumesc bună ziua cu o să ce mai după dar sau la cum salut oferta ",
	"en": " the and is are for of you to please thank thanks " +
		"hello hi with this that have will my our can regards when ",
}

// languageOf guesses which of our languages a text is in: ru by its letters, ro and en by their words; "" is any other.
func languageOf(text string) string {
	text = strings.ToLower(text[:min(len(text), maxGuess)])
	letters, cyrillic := 0, 0
	for _, r := range text {
		if unicode.IsLetter(r) {
			letters++
			if unicode.Is(unicode.Cyrillic, r) {
				cyrillic++
			}
		}
	}
	if cyrillic*2 > letters {
		return "ru"
	}
	found := map[string]int{}
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) }) {
		for language, words := range common {
			if strings.Contains(words, " "+word+" ") {
				found[language]++
			}
		}
	}
	switch {
	case found["ro"] > found["en"]:
		return "ro"
	case found["en"] > 0:
		return "en"
	}
	return ""
}
