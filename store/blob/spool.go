package blob

import (
	"bytes"
	"io"
	"os"
)

// spooledInMemory is how much of a content stays out of the disk.
const spooledInMemory = 256 << 10

// Spool holds a content that has to be read more than once: a small one in memory, a large one in a file that has no
// name, so that it can't outlive the process. The zero value is ready; Close frees it.
type Spool struct {
	memory bytes.Buffer
	file   *os.File
	size   int64
}

func (s *Spool) Write(p []byte) (int, error) {
	s.size += int64(len(p))
	if s.file == nil && s.size <= spooledInMemory {
		return s.memory.Write(p)
	}
	if s.file == nil {
		if err := s.overflow(); err != nil {
			return 0, err
		}
	}
	return s.file.Write(p)
}

// overflow moves what is in memory to a file.
func (s *Spool) overflow() (err error) {
	if s.file, err = os.CreateTemp("", "frontdesk-*"); err != nil {
		return err
	}
	if err := os.Remove(s.file.Name()); err != nil {
		return err
	}
	_, err = s.file.Write(s.memory.Bytes())
	s.memory = bytes.Buffer{}
	return err
}

// Size is how much was written.
func (s *Spool) Size() int64 { return s.size }

// Reader reads the content from its beginning; several may read at once.
func (s *Spool) Reader() *io.SectionReader {
	if s.file != nil {
		return io.NewSectionReader(s.file, 0, s.size)
	}
	return io.NewSectionReader(bytes.NewReader(s.memory.Bytes()), 0, s.size)
}

func (s *Spool) Close() error {
	if s.file != nil {
		return s.file.Close()
	}
	return nil
}
