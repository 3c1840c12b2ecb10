export const labelling = {};
