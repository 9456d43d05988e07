import * as Comlink from 'comlink';
import { Trainer } from './trainer.ts';

Comlink.expose(new Trainer());
