// Times to come back to a conversation, by the person's own clock. Pure.

export interface SnoozeChoice {
	id: 'hour' | 'tonight' | 'tomorrow' | 'week';
	until: Date;
}

function at(base: Date, days: number, hour: number): Date {
	return new Date(base.getFullYear(), base.getMonth(), base.getDate() + days, hour);
}

/** What is offered now: "tonight" only until the late afternoon; next week is Monday at nine. */
export function snoozeChoices(now: Date): SnoozeChoice[] {
	const choices: SnoozeChoice[] = [{ id: 'hour', until: new Date(now.getTime() + 3_600_000) }];
	if (now.getHours() < 17) choices.push({ id: 'tonight', until: at(now, 0, 19) });
	choices.push({ id: 'tomorrow', until: at(now, 1, 9) });
	choices.push({ id: 'week', until: at(now, ((8 - now.getDay()) % 7) || 7, 9) });
	return choices;
}
