/* SPDX-License-Identifier: ISC */
/* xml_text: strings inside of XML. Pure; in the supervisor. */
#ifndef SUPERVISOR_XML_TEXT_H
#define SUPERVISOR_XML_TEXT_H

#include "ipc/text.h"

/*
 * Appends UTF-8 so that it stands for itself, in text or between double quotes: what has a meaning
 * in XML, and all that is not ASCII, as references; what XML cannot hold as U+FFFD.
 */
void xml_text(struct text *, struct span utf8);

#endif
