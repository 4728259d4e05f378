/* SPDX-License-Identifier: ISC */
/* admission: see admission.h. Pure; in the supervisor. */
#include "supervisor/admission.h"

#define PLACE_SLACK 500 /* above the cores, for one that computes: better half a core too many */
#define MIXED_SLACK 250
#define START_LIGHT 350 /* asked while it begins, by a kind that is known to wait */
#define LIGHT_KNOWN 4   /* tasks after which it is known */

const char *
admission_words(enum admission_verdict verdict)
{
	static const char *const words[VERDICTS] = {
	    "admitted", "the cores are taken",
	    "as many commands run as descriptors and processes allow",
	    "the machine is short of memory"};

	return words[verdict];
}

static enum admission_verdict
capped(const struct admission *admission)
{
	if (admission->commands >= admission->commands_most) {
		return DENIED_CAP;
	}
	return admission->short_of_memory && admission->commands > 0 ? DENIED_MEMORY : ADMITTED;
}

enum admission_verdict
admission_place(const struct admission *admission, unsigned cpus, bool command)
{
	enum admission_verdict verdict = command ? capped(admission) : ADMITTED;
	unsigned room = admission->cores * ADMISSION_CORE + PLACE_SLACK;

	if (verdict == ADMITTED && admission->asked > 0 &&
	    admission->asked + cpus * ADMISSION_CORE > room) {
		verdict = DENIED_CORES;
	}
	return verdict;
}

enum admission_verdict
admission_beside(const struct admission *admission, enum kind_class class, unsigned use,
		 unsigned surprise)
{
	unsigned cores = admission->cores * ADMISSION_CORE;
	enum admission_verdict verdict = capped(admission);
	bool room = admission->asked <= cores;

	if (class == KIND_WAITS) {
		room = room || (admission->young == 0 && surprise <= cores / 2);
	} else if (class == KIND_MIXED) {
		room = (room && admission->asked + use / 2 <= cores + MIXED_SLACK) ||
		       admission->asked == 0;
	}
	return verdict == ADMITTED && !room ? DENIED_CORES : verdict;
}

unsigned
admission_young(enum kind_class class, uint32_t evidence, unsigned cpus)
{
	if (class == KIND_WAITS && evidence >= LIGHT_KNOWN) {
		return START_LIGHT;
	}
	return cpus * ADMISSION_CORE;
}

void
admission_change(struct admission *admission, unsigned from, unsigned to)
{
	admission->asked += to - from;
}
