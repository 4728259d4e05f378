# SPDX-License-Identifier: ISC
"""Runs a program on a terminal of its own: on_terminal.py [-c COLUMNS] [-i TYPED] TRANSCRIPT PROGRAM [ARG...]

What the terminal was sent goes to the file TRANSCRIPT, the exit status to the file `status`.
"""
import fcntl
import os
import pty
import struct
import sys
import termios

columns = 80
typed = ""
arguments = sys.argv[1:]
if arguments[0] == "-c":
    columns = int(arguments[1])
    arguments = arguments[2:]
if arguments[0] == "-i":
    typed = arguments[1]
    arguments = arguments[2:]
transcript, *command = arguments

os.environ.setdefault("TERM", "xterm")
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    os.closerange(3, 256)
    os.execvp(command[0], command)
os.write(terminal, typed.encode())
with open(transcript, "wb") as file:
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # all have closed it
            break
        if not data:
            break
        file.write(data)
with open("status", "w") as file:
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), file=file)
